import { id } from 'ethers'
import { address, event, int, type TestCase, word, wordOf } from '../test-case.ts'

const [owner, wallet, buyer, client, validator] = [0x401, 0x402, 0x403, 0x404, 0x405].map(address) as [
  string,
  string,
  string,
  string,
  string,
]
const registry = (name: string, params: Record<string, unknown>) => event('AgentRegistry', name, params)
const reputation = (name: string, params: Record<string, unknown>) => event('AgentReputation', name, params)
const [sold, kept] = [1, 2]

const registered = (agentId: number) => [
  registry('Transfer', { from: address(0), to: owner, tokenId: agentId }),
  registry('Registered', { agentId, agentURI: `ipfs://${agentId}`, owner }),
  valueSet(agentId, 'agentWallet', owner),
]
const feedback = (agentId: number, feedbackIndex: number, value: string) =>
  reputation('NewFeedback', {
    agentId,
    clientAddress: client,
    feedbackIndex,
    value,
    valueDecimals: 18,
    indexedTag1: 'quality',
    tag1: 'quality',
    tag2: 'a tag\u0000 with a zero',
    endpoint: 'https://agent.example',
    feedbackURI: '',
    feedbackHash: word('feedback'),
  })

export const agents: TestCase = {
  name: 'agents, who acts for them, and what is said about them',
  blocks: [
    { timestamp: 1_000, events: [...registered(sold), ...registered(kept)] },
    {
      events: [
        registry('OperatorCeased', { agentId: sold, operator: owner }),
        valueSet(sold, 'agentWallet', wallet),
        valueSet(kept, 'agentWallet', wallet),
        valueSet(kept, 'agentWallet ', buyer),
        valueSet(kept, 'model', '0x1234'),
      ],
    },
    { events: [valueSet(kept, 'model', '0x56'), valueSet(kept, 'agentWallet', '0x')] },
    {
      events: [
        registry('Transfer', { from: owner, to: buyer, tokenId: sold }),
        registry('URIUpdated', { agentId: sold, newURI: 'https://new.example', updatedBy: buyer }),
      ],
    },
    // Nobody has these: what is said of them leaves no trace.
    {
      events: [
        registry('Registered', { agentId: 9, agentURI: 'x', owner }),
        registry('URIUpdated', { agentId: 9, newURI: 'x', updatedBy: buyer }),
        valueSet(9, 'model', '0x56'),
        reputation('FeedbackRevoked', { agentId: kept, clientAddress: client, feedbackIndex: 7 }),
      ],
    },
    { events: [feedback(kept, 1, '-100000000000000000000000000000000000000'), feedback(kept, 2, '5')] },
    {
      timestamp: 6_000,
      events: [reputation('FeedbackRevoked', { agentId: kept, clientAddress: client, feedbackIndex: 2 })],
    },
    {
      events: [
        reputation('ResponseAppended', {
          ...{ agentId: kept, clientAddress: client, feedbackIndex: 1, responder: owner },
          ...{ responseURI: 'ipfs://sorry', responseHash: word('sorry') },
        }),
      ],
    },
    {
      events: ['asked', 'answered'].map((name) =>
        reputation('ValidationRequest', {
          ...{ validatorAddress: validator, agentId: kept, requestURI: `ipfs://${name}`, requestHash: word(name) },
        }),
      ),
    },
    { timestamp: 8_000, events: [answered(40, 'first')] },
    { timestamp: 9_000, events: [answered(0, 'second')] },
  ],
  assertions: [
    {
      query:
        '{ agents { id number uri isListedAuditor timestamp owner { id } operator { id } metadata { id key value } } }',
      expected: {
        agents: [
          {
            ...{ id: wordOf(sold), number: '1', uri: 'https://new.example', isListedAuditor: false, timestamp: '1000' },
            ...{ owner: { id: buyer }, operator: { id: buyer } },
            metadata: [metadataEntity(sold, 'agentWallet', wallet)],
          },
          {
            ...{ id: wordOf(kept), number: '2', uri: 'ipfs://2', isListedAuditor: false, timestamp: '1000' },
            ...{ owner: { id: owner }, operator: { id: owner } },
            metadata: [
              metadataEntity(kept, 'agentWallet', '0x'),
              metadataEntity(kept, 'agentWallet ', buyer),
              metadataEntity(kept, 'model', '0x56'),
            ],
          },
        ],
      },
    },
    {
      query: `{ agentEvents(where: { agent: "${wordOf(sold)}" }) { kind account from uri key value } }`,
      expected: {
        agentEvents: [
          agentEvent('Transferred', { from: address(0), account: owner }),
          agentEvent('Registered', { account: owner, uri: 'ipfs://1' }),
          agentEvent('MetadataSet', { key: 'agentWallet', value: owner }),
          agentEvent('OperatorCeased', { account: owner }),
          agentEvent('MetadataSet', { key: 'agentWallet', value: wallet }),
          agentEvent('Transferred', { from: owner, account: buyer }),
          agentEvent('UriUpdated', { account: buyer, uri: 'https://new.example' }),
        ],
      },
    },
    {
      query: `{ feedbacks { id index value valueDecimals tag1 tag2 endpoint uri digest isRevoked revokedAt agent { id } client { id }
        responses { responder uri digest } } }`,
      expected: {
        feedbacks: [
          feedbackEntity(1, {
            value: '-100000000000000000000000000000000000000',
            responses: [{ responder: owner, uri: 'ipfs://sorry', digest: word('sorry') }],
          }),
          feedbackEntity(2, { value: '5', isRevoked: true, revokedAt: '6000' }),
        ],
      },
    },
    {
      query:
        '{ agentValidations { id requestUri response answeredAt agent { id } validator { id } answers { response uri digest tag } } }',
      expected: {
        agentValidations: [
          {
            ...{ id: word('asked'), requestUri: 'ipfs://asked', response: null, answeredAt: null, answers: [] },
            ...{ agent: { id: wordOf(kept) }, validator: { id: validator } },
          },
          {
            ...{ id: word('answered'), requestUri: 'ipfs://answered', response: 0, answeredAt: '9000' },
            ...{ agent: { id: wordOf(kept) }, validator: { id: validator } },
            answers: [
              { response: 40, uri: 'ipfs://first', digest: word('first'), tag: 'replay' },
              { response: 0, uri: 'ipfs://second', digest: word('second'), tag: 'replay' },
            ],
          },
        ],
      },
    },
  ],
}

function valueSet(agentId: number, key: string, value: string) {
  return registry('MetadataSet', { agentId, indexedMetadataKey: key, metadataKey: key, metadataValue: value })
}

function answered(response: number, name: string) {
  return reputation('ValidationResponse', {
    ...{ validatorAddress: validator, agentId: kept, requestHash: word('answered'), response },
    ...{ responseURI: `ipfs://${name}`, responseHash: word(name), tag: 'replay' },
  })
}

function metadataEntity(agentId: number, key: string, value: string): Record<string, unknown> {
  return { id: `${wordOf(agentId)}${id(key).slice(2)}`, key, value }
}

function agentEvent(kind: string, differences: Record<string, unknown>): Record<string, unknown> {
  return { kind, account: null, from: null, uri: null, key: null, value: null, ...differences }
}

function feedbackEntity(index: number, differences: Record<string, unknown>): Record<string, unknown> {
  return {
    id: `${wordOf(kept)}${client.slice(2)}${int(index)}`,
    index: String(index),
    valueDecimals: 18,
    tag1: 'quality',
    tag2: 'a tag with a zero',
    endpoint: 'https://agent.example',
    uri: '',
    digest: word('feedback'),
    isRevoked: false,
    revokedAt: null,
    agent: { id: wordOf(kept) },
    client: { id: client },
    responses: [],
    ...differences,
  }
}
