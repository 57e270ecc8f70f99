import { address, event, type TestCase, word, wordOf } from '../test-case.ts'

const [challenger, accused, node, evaluator, flagger] = [0x801, 0x802, 0x803, 0x804, 0x805].map(address) as [
  string,
  string,
  string,
  string,
  string,
]
const [agent, model] = [wordOf(7), word('model')]
const disputes = (name: string, params: Record<string, unknown>) => event('Disputes', name, params)
const quality = (name: string, params: Record<string, unknown>) => event('QualityReports', name, params)
const evaluations = (name: string, params: Record<string, unknown>) => event('Evaluations', name, params)
const minted = (tokenId: number) => event('AgentRegistry', 'Transfer', { from: address(0), to: accused, tokenId })
const [upheld, dismissed, drawn] = [1, 2, 3]

const opened = (disputeId: number, poolId: string) =>
  disputes('DisputeOpened', {
    ...{ disputeId, poolId, challenger, claimDigest: word('claim'), atStakeWei: 500, bondWei: 100 },
    ...{ answerUntil: 2_000, rulingUntil: 3_000 },
  })
const report = (poolId: string, period: number, qualityPpm: number) =>
  quality('ReportRecorded', {
    ...{ poolId, auditorId: 8, period, sampleCount: '4294967295', matched: 3, latencyP50Ms: 20, latencyP95Ms: 90 },
    ...{ uptimePpm: 1_000_000, reportDigest: word(`report ${period}`), qualityPpm },
  })
const evaluated = (name: string, agentId: number, valueE6: string) =>
  evaluations('EvaluationRecorded', {
    ...{ evaluationId: word(name), modelId: model, evaluator, agentId, reportDigest: word('report') },
    ...{ dataDigest: word('data'), metric: word('metric'), valueE6 },
  })
const flag = (flagged: boolean, evaluation: string) =>
  evaluations('EvaluationFlagSet', {
    ...{ evaluationId: word(evaluation), flagger, flagged, reasonDigest: word(`${flagged}`) },
  })

export const auditing: TestCase = {
  name: 'disputes, faults, audits and evaluations of agents and models',
  blocks: [
    { events: [minted(7), minted(8)] },
    { events: [opened(upheld, agent), opened(dismissed, model), opened(drawn, agent)] },
    { events: [disputes('DisputeAnswered', { disputeId: dismissed, accused, answerDigest: word('answer') })] },
    {
      events: [
        disputes('DisputeUpheld', {
          ...{ disputeId: upheld, poolId: agent, slashedWei: 400, reasonDigest: word('guilty') },
        }),
        disputes('DisputeDismissed', {
          ...{ disputeId: dismissed, poolId: model, accused, accusedWei: 51, rewardsWei: 49 },
          reasonDigest: word('innocent'),
        }),
        disputes('DisputeDrawn', { disputeId: drawn, poolId: agent }),
      ],
    },
    {
      events: [
        disputes('DisputeAnswered', { disputeId: 9, accused, answerDigest: word('answer') }),
        disputes('DisputeUpheld', { disputeId: 9, poolId: agent, slashedWei: 1, reasonDigest: word('guilty') }),
        disputes('DisputeDismissed', {
          ...{ disputeId: 9, poolId: model, accused, accusedWei: 1, rewardsWei: 1, reasonDigest: word('innocent') },
        }),
        disputes('DisputeDrawn', { disputeId: 9, poolId: agent }),
      ],
    },
    {
      events: [0, 2].map((fault) =>
        event('ReplayFaults', 'ReplayFaultProven', {
          ...{ agentId: 7, node, prover: challenger, fault },
          ...{ firstReceipt: word('first'), secondReceipt: word('second'), slashedWei: 60 },
        }),
      ),
    },
    { events: [report(agent, 20_000, 125_000), report(agent, 20_003, 230_000), report(model, 20_001, 1_000_000)] },
    { events: [report(agent, 20_002, 300_000)] },
    {
      events: [
        quality('AuditorSet', { auditorId: 7, listed: true }),
        quality('AuditorSet', { auditorId: 8, listed: true }),
        quality('AuditorSet', { auditorId: 99, listed: true }),
      ],
    },
    { events: [quality('AuditorSet', { auditorId: 7, listed: false })] },
    { events: [evaluated('good', 7, '-1500000'), evaluated('trusted', 0, '900000')] },
    {
      events: [
        evaluations('EvaluationChallenged', {
          ...{ evaluationId: word('good'), agentId: 8, challenger, reportDigest: word('contradiction') },
        }),
        evaluations('EvaluationChallenged', {
          ...{ evaluationId: word('unknown'), agentId: 8, challenger, reportDigest: word('contradiction') },
        }),
        ...[flag(true, 'good'), flag(true, 'trusted'), flag(true, 'unknown')],
      ],
    },
    { events: [flag(false, 'trusted')] },
    {
      events: [
        evaluations('EvaluatorSet', { evaluator, allowed: true }),
        evaluations('EvaluationFlaggerSet', { flagger, allowed: true }),
      ],
    },
  ],
  assertions: [
    {
      query: `{ disputes { id number status pool { id } challenger { id } claimDigest atStakeWei bondWei answerUntil rulingUntil accused { id }
        answerDigest reasonDigest slashedWei accusedWei rewardsWei events { status } } }`,
      expected: {
        disputes: [
          dispute(upheld, agent, ['Open', 'Upheld'], { slashedWei: '400', reasonDigest: word('guilty') }),
          dispute(dismissed, model, ['Open', 'Answered', 'Dismissed'], {
            ...{ accused: { id: accused }, answerDigest: word('answer'), reasonDigest: word('innocent') },
            ...{ accusedWei: '51', rewardsWei: '49' },
          }),
          dispute(drawn, agent, ['Open', 'Drawn'], {}),
        ],
      },
    },
    {
      query:
        '{ replayFaults { agent { number } node { id } prover { id } kind firstReceipt secondReceipt slashedWei } }',
      expected: {
        replayFaults: ['Sequence', 'Response'].map((kind) => ({
          ...{ agent: { number: '7' }, node: { id: node }, prover: { id: challenger }, kind },
          ...{ firstReceipt: word('first'), secondReceipt: word('second'), slashedWei: '60' },
        })),
      },
    },
    {
      query:
        '{ qualityScores { id agent { id } model { id } qualityPpm reportCount lastPeriod reports(orderBy: period, first: 1) { period } } }',
      expected: {
        qualityScores: [
          {
            ...{ id: agent, agent: { id: agent }, model: null, qualityPpm: 300_000, reportCount: 3 },
            ...{ lastPeriod: '20003', reports: [{ period: '20000' }] },
          },
          {
            ...{ id: model, agent: null, model: null, qualityPpm: 1_000_000, reportCount: 1 },
            ...{ lastPeriod: '20001', reports: [{ period: '20001' }] },
          },
        ],
      },
    },
    {
      query: `{ qualityReports(where: { score: "${model}" }) { score { id } auditor { number isListedAuditor } period sampleCount matched latencyP50Ms latencyP95Ms uptimePpm qualityPpm digest }
        agents { number isListedAuditor } }`,
      expected: {
        qualityReports: [
          {
            score: { id: model },
            auditor: { number: '8', isListedAuditor: true },
            ...{ period: '20001', sampleCount: '4294967295', matched: '3', latencyP50Ms: '20', latencyP95Ms: '90' },
            ...{ uptimePpm: 1_000_000, qualityPpm: 1_000_000, digest: word('report 20001') },
          },
        ],
        agents: [
          { number: '7', isListedAuditor: false },
          { number: '8', isListedAuditor: true },
        ],
      },
    },
    {
      query: `{ evaluations { id evaluator { id } agent { number } reportDigest dataDigest metric valueE6 isFlagged challengeCount
        challenges { agent { number } challenger { id } reportDigest } flags { flagger isFlagged reasonDigest } } }`,
      expected: {
        evaluations: [
          evaluation('good', {
            ...{ agent: { number: '7' }, valueE6: '-1500000', isFlagged: true, challengeCount: 1 },
            challenges: [
              { agent: { number: '8' }, challenger: { id: challenger }, reportDigest: word('contradiction') },
            ],
            flags: [{ flagger, isFlagged: true, reasonDigest: word('true') }],
          }),
          evaluation('trusted', {
            ...{ agent: null, valueE6: '900000', isFlagged: false, challengeCount: 0, challenges: [] },
            flags: [
              { flagger, isFlagged: true, reasonDigest: word('true') },
              { flagger, isFlagged: false, reasonDigest: word('false') },
            ],
          }),
        ],
      },
    },
    {
      query: '{ permissions { contract { name } role holder allowed } }',
      expected: {
        permissions: [
          { contract: { name: 'QualityReports' }, role: 'auditor', holder: wordOf(7), allowed: false },
          { contract: { name: 'QualityReports' }, role: 'auditor', holder: wordOf(8), allowed: true },
          { contract: { name: 'QualityReports' }, role: 'auditor', holder: wordOf(99), allowed: true },
          { contract: { name: 'Evaluations' }, role: 'evaluator', holder: evaluator, allowed: true },
          { contract: { name: 'Evaluations' }, role: 'flagger', holder: flagger, allowed: true },
        ],
      },
    },
  ],
}

function dispute(
  number: number,
  pool: string,
  steps: string[],
  differences: Record<string, unknown>,
): Record<string, unknown> {
  return {
    ...{ id: wordOf(number), number: String(number), status: steps.at(-1), pool: { id: pool } },
    ...{ challenger: { id: challenger }, claimDigest: word('claim'), atStakeWei: '500', bondWei: '100' },
    ...{ answerUntil: '2000', rulingUntil: '3000', accused: null, answerDigest: null, reasonDigest: null },
    ...{ slashedWei: '0', accusedWei: '0', rewardsWei: '0', events: steps.map((status) => ({ status })) },
    ...differences,
  }
}

function evaluation(name: string, differences: Record<string, unknown>): Record<string, unknown> {
  const digests = { reportDigest: word('report'), dataDigest: word('data'), metric: word('metric') }
  return { id: word(name), evaluator: { id: evaluator }, ...digests, ...differences }
}
