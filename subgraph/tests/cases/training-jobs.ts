import { address, event, type TestCase, word, wordOf } from '../test-case.ts'

const [operator, heir, arbiter] = [0x701, 0x702, 0x703].map(address) as [string, string, string]
const jobs = (name: string, params: Record<string, unknown>) => event('TrainingJobs', name, params)
const accepted = (jobId: number) => jobs('JobAccepted', { jobId, agentId: 7, operator })
const delivered = (jobId: number) =>
  jobs('JobDelivered', {
    ...{ jobId, agentId: 7, modelId: word(`model ${jobId}`), evaluationDigest: word('evaluation') },
    ...{ artefactDigests: [word('weights'), word('card')], reviewUntil: 5_000 },
  })
const settled = (jobId: number, status: number) =>
  jobs('JobSettled', { jobId, status, operator: heir, trainerWei: 90, feeWei: 5, requesterWei: status })
const [paid, divided, drawn, cancelled, refunded] = [1, 2, 3, 4, 5]

/** Orders are not here: gnd cannot encode their terms, a tuple. `tests/live.ts` gives them on a chain. */
export const trainingJobs: TestCase = {
  name: 'training jobs through all they can come to',
  blocks: [
    { events: [paid, divided, drawn, refunded].map(accepted) },
    { events: [paid, divided, drawn].map(delivered) },
    {
      events: [divided, drawn].map((jobId) =>
        jobs('JobDisputed', { jobId, reasonDigest: word('reason'), bondWei: 10, rulingUntil: 8_000 }),
      ),
    },
    { events: [settled(paid, 7), settled(divided, 8), settled(drawn, 9)] },
    {
      events: [
        jobs('JobCancelled', { jobId: cancelled, refundedWei: 100 }),
        jobs('JobRefunded', { jobId: refunded, refundedWei: 200, slashedWei: 30 }),
      ],
    },
    {
      events: [
        jobs('FeeSet', { ppm: 50_000 }),
        jobs('DisputeBondSet', { ppm: 100_000 }),
        jobs('ArbiterSet', { arbiter }),
        jobs('TreasurySet', { treasury: heir }),
      ],
    },
    { events: [jobs('FeeSet', { ppm: 0 })] },
  ],
  assertions: [
    {
      query: `{ trainingJobs { id number status agent { id } evaluationDigest artefactDigests reviewUntil reasonDigest bondWei rulingUntil
        trainerWei feeWei requesterWei slashedWei operator { id } model { id } events { status } } }`,
      expected: {
        trainingJobs: [
          job(paid, ['Accepted', 'Delivered', 'Paid'], { ...delivery(), ...payment('7') }),
          job(divided, ['Accepted', 'Delivered', 'Disputed', 'Divided'], {
            ...{ ...delivery(), ...dispute(), ...payment('8') },
          }),
          job(drawn, ['Accepted', 'Delivered', 'Disputed', 'Drawn'], {
            ...{ ...delivery(), ...dispute(), ...payment('9') },
          }),
          job(cancelled, ['Cancelled'], { requesterWei: '100', operator: null }),
          job(refunded, ['Accepted', 'Refunded'], { requesterWei: '200', slashedWei: '30' }),
        ],
      },
    },
    {
      query:
        '{ settings { contract { name } name value account changes { value account } } trainingJobs(where: { model_not: null, agent_not: null }) { number } }',
      expected: {
        settings: [
          setting('feePpm', { value: '0', changes: ['50000', '0'].map((value) => ({ value, account: null })) }),
          setting('disputeBondPpm', { value: '100000', changes: [{ value: '100000', account: null }] }),
          setting('arbiter', { account: arbiter, changes: [{ value: null, account: arbiter }] }),
          setting('treasury', { account: heir, changes: [{ value: null, account: heir }] }),
        ],
        trainingJobs: [paid, divided, drawn].map((number) => ({ number: String(number) })),
      },
    },
  ],
}

/** Agent and model are other contracts' to tell: here they are names without an entity. */
function job(number: number, steps: string[], differences: Record<string, unknown>): Record<string, unknown> {
  return {
    id: wordOf(number),
    number: String(number),
    status: steps.at(-1),
    agent: null,
    model: null,
    operator: { id: operator },
    ...{ evaluationDigest: null, artefactDigests: null, reviewUntil: null },
    ...{ reasonDigest: null, bondWei: '0', rulingUntil: null },
    ...{ trainerWei: '0', feeWei: '0', requesterWei: '0', slashedWei: '0' },
    events: steps.map((status) => ({ status })),
    ...differences,
  }
}

function delivery(): Record<string, unknown> {
  const digests = { evaluationDigest: word('evaluation'), artefactDigests: [word('weights'), word('card')] }
  return { ...digests, reviewUntil: '5000' }
}

function dispute(): Record<string, unknown> {
  return { reasonDigest: word('reason'), bondWei: '10', rulingUntil: '8000' }
}

function payment(requesterWei: string): Record<string, unknown> {
  return { trainerWei: '90', feeWei: '5', requesterWei, operator: { id: heir } }
}

function setting(name: string, differences: Record<string, unknown>): Record<string, unknown> {
  return { contract: { name: 'TrainingJobs' }, name, value: null, account: null, ...differences }
}
