import { cidOfDigest, digestOfCid } from '@openledger/protocol'
import { address, event, file, int, type TestCase, word } from '../test-case.ts'

const [owner, buyer, carol, attester] = [address(0xa), address(0xb), address(0xc), address(0xd)]
const [datanet, otherDatanet, adapter] = [word('datanet'), word('other'), word('adapter')]
const registry = (name: string, params: Record<string, unknown>) => event('LineageRegistry', name, params)
/** A manifest that nobody put anywhere would be waited for, and gnd refuses a test that leaves one open. */
const manifest = file('{}')

const created = (datanetId: string, modality: number) =>
  registry('DatanetCreated', {
    datanetId,
    owner,
    modality,
    licenceFlags: 3,
    royaltyPpm: 20_000,
    metadataDigest: word('description'),
    name: 'Solidity “docs” \u{1F4DA}',
    licence: 'MIT',
    curated: false,
  })

/** `version` is what the index is to count. */
const contributed = (contributor: string, version: number, recordCount: number, sizeBytes: string) =>
  registry('Contributed', {
    datanetId: datanet,
    contributor,
    manifestDigest: digestOfCid(manifest.cid),
    recordRoot: word(`root ${version}`),
    recordCount,
    sizeBytes,
    licence: 'Apache-2.0',
  })

/** Models are not here: gnd cannot encode their parents, a list of tuples. `tests/live.ts` registers them on a chain. */
export const lineageRegistry: TestCase = {
  name: 'Datanets, contributions, features, attesters and owners come from the registry',
  files: [manifest],
  blocks: [
    { events: [created(datanet, 0), created(otherDatanet, 3)] },
    { events: [contributed(owner, 1, 3, '300'), contributed(carol, 2, 4_000_000_000, '18446744073709551615')] },
    { events: [contributed(carol, 3, 5, '50')] },
    { events: [registry('FeaturesPublished', { modelId: adapter, attester, featuresDigest: word('features') })] },
    {
      events: [
        registry('AttesterSet', { attester, allowed: true }),
        registry('AttesterSet', { attester: carol, allowed: true }),
      ],
    },
    { events: [registry('AttesterSet', { attester: carol, allowed: false })] },
    {
      events: [
        registry('OwnerChanged', { id: datanet, from: owner, to: buyer }),
        registry('OwnerChanged', { id: adapter, from: owner, to: carol }),
      ],
    },
    {
      events: [
        registry('AttestationRevoked', { contributor: carol, digest: word('attestation') }),
        registry('DisputeFlagSet', { id: datanet, flagger: buyer, flagged: true, reasonDigest: word('stolen') }),
        registry('DisputeFlagSet', { id: otherDatanet, flagger: buyer, flagged: true, reasonDigest: word('stolen') }),
        registry('DisputeFlagSet', { id: word('unknown'), flagger: buyer, flagged: true, reasonDigest: word('?') }),
      ],
    },
    { events: [registry('DisputeFlagSet', { id: datanet, flagger: buyer, flagged: false, reasonDigest: word('') })] },
    {},
    {},
  ],
  assertions: [
    {
      query:
        '{ datanets { id name modality licenceFlags royaltyPpm licence metadataDigest version contributorCount recordCount sizeBytes owner { id } } }',
      expected: {
        datanets: [
          {
            id: datanet,
            name: 'Solidity “docs” \u{1F4DA}',
            modality: 'Text',
            licenceFlags: 3,
            royaltyPpm: 20_000,
            licence: 'MIT',
            metadataDigest: word('description'),
            version: 3,
            contributorCount: 2,
            recordCount: '4000000008',
            sizeBytes: '18446744073709551965',
            owner: { id: buyer },
          },
          {
            id: otherDatanet,
            name: 'Solidity “docs” \u{1F4DA}',
            modality: 'Other',
            licenceFlags: 3,
            royaltyPpm: 20_000,
            licence: 'MIT',
            metadataDigest: word('description'),
            version: 0,
            contributorCount: 0,
            recordCount: '0',
            sizeBytes: '0',
            owner: { id: owner },
          },
        ],
      },
    },
    {
      query:
        '{ contributions(where: { version: 2 }) { id manifestDigest manifestCid recordRoot recordCount licence contributor { id } datanet { id } blockNumber logIndex } }',
      expected: {
        contributions: [
          {
            id: `${datanet}${int(2)}`,
            manifestDigest: digestOfCid(manifest.cid),
            manifestCid: manifest.cid,
            recordRoot: word('root 2'),
            recordCount: '4000000000',
            licence: 'Apache-2.0',
            contributor: { id: carol },
            datanet: { id: datanet },
            blockNumber: '1',
            logIndex: 1,
          },
        ],
      },
    },
    {
      query: `{ datanetContributors(where: { datanet: "${datanet}" }) { id contributor { id } contributionCount recordCount sizeBytes } }`,
      expected: {
        datanetContributors: [
          {
            id: `${datanet}${owner.slice(2)}`,
            contributor: { id: owner },
            contributionCount: 1,
            recordCount: '3',
            sizeBytes: '300',
          },
          {
            id: `${datanet}${carol.slice(2)}`,
            contributor: { id: carol },
            contributionCount: 2,
            recordCount: '4000000005',
            sizeBytes: '18446744073709551665',
          },
        ],
      },
    },
    {
      query:
        '{ attestationRevocations { contributor { id } digest } datanets { id isCurated isDisputed } disputeFlags { subject flagger isDisputed reasonDigest } }',
      expected: {
        attestationRevocations: [{ contributor: { id: carol }, digest: word('attestation') }],
        datanets: [
          { id: datanet, isCurated: false, isDisputed: false },
          { id: otherDatanet, isCurated: false, isDisputed: true },
        ],
        disputeFlags: [
          { subject: datanet, flagger: buyer, isDisputed: true, reasonDigest: word('stolen') },
          { subject: otherDatanet, flagger: buyer, isDisputed: true, reasonDigest: word('stolen') },
          { subject: word('unknown'), flagger: buyer, isDisputed: true, reasonDigest: word('?') },
          { subject: datanet, flagger: buyer, isDisputed: false, reasonDigest: word('') },
        ],
      },
    },
    {
      query: `{ features(id: "${adapter}") { digest cid attester { id } } }`,
      expected: {
        features: { digest: word('features'), cid: cidOfDigest(word('features')), attester: { id: attester } },
      },
    },
    {
      query:
        '{ accounts { id isAttester contributionCount recordCount } ownerChanges { subject from { id } to { id } } }',
      expected: {
        accounts: [
          { id: owner, isAttester: false, contributionCount: 1, recordCount: '3' },
          { id: buyer, isAttester: false, contributionCount: 0, recordCount: '0' },
          { id: carol, isAttester: false, contributionCount: 2, recordCount: '4000000005' },
          { id: attester, isAttester: true, contributionCount: 0, recordCount: '0' },
        ],
        ownerChanges: [
          { subject: datanet, from: { id: owner }, to: { id: buyer } },
          { subject: adapter, from: { id: owner }, to: { id: carol } },
        ],
      },
    },
    {
      query: '{ protocols { id schemaVersion datanetCount contributionCount recordCount modelCount nodePpm } }',
      expected: {
        protocols: [
          {
            id: '0x01000000',
            schemaVersion: '1',
            datanetCount: 2,
            contributionCount: 3,
            recordCount: '4000000008',
            modelCount: 0,
            nodePpm: null,
          },
        ],
      },
    },
  ],
}
