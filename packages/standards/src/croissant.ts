/**
 * A Datanet in Croissant 1.1 (http://mlcommons.org/croissant/1.1): its records are the lines of records.jsonl, each attributed
 * to its contributor by an annotation that is `prov:wasAttributedTo` (the specification's data-level provenance); its terms are
 * an ODRL offer under `usageInfo`. Contents are not inlined: each record names where its own lies, by CID.
 */
import type { AgentFacts, DatanetFacts, Places } from './facts.ts'
import { licenceUrls } from './licence-urls.ts'
import { accountUri, datanetFile, datanetUrl } from './places.ts'
import { RECORD_COLUMNS } from './record-lines.ts'
import { OFFER_CONTEXT, usageOffer } from './usage-offer.ts'

/** As served with the document. */
export const CROISSANT_MEDIA_TYPE = 'application/ld+json; profile="http://mlcommons.org/croissant/1.1"'

/** What a reading of all records found out. */
export type RecordFile = { sha256: string; sizeBytes: number; contributors: readonly AgentFacts[] }

export function croissantOf(places: Places, datanet: DatanetFacts, file: RecordFile): Record<string, unknown> {
  const url = datanetUrl(places, datanet.id)
  const urls = licenceUrls(datanet.licence)
  return {
    '@context': CONTEXT,
    // No '@id': the offer's target names the same address, and readers that walk the graph would walk in a circle.
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: datanet.name,
    description: `An OpenLedger Datanet of ${datanet.modality.toLowerCase()} records, version ${datanet.version}, as of block ${places.block} of chain eip155:${places.chainId}. Every record names who contributed it.`,
    url,
    license: urls.length > 0 ? urls : datanet.licence,
    creator: { '@type': 'sc:Organization', '@id': accountUri(places, datanet.owner), name: datanet.owner },
    citeAs: `${datanet.name}, OpenLedger Datanet ${datanet.id}, version ${datanet.version}, block ${places.block}`,
    datePublished: dateOf(datanet.timestamp),
    version: `${datanet.version}.0.0`,
    usageInfo: usageOffer(url, datanet),
    'prov:wasAttributedTo': file.contributors.map((agent) => agentOf(places, agent)),
    distribution: [
      {
        '@type': 'cr:FileObject',
        '@id': 'records.jsonl',
        name: 'records.jsonl',
        description: 'One record a line.',
        contentUrl: datanetFile(places, datanet.id, 'records.jsonl'),
        contentSize: `${file.sizeBytes} B`,
        encodingFormat: 'application/jsonlines',
        sha256: file.sha256,
      },
    ],
    recordSet: [
      {
        '@type': 'cr:RecordSet',
        '@id': 'records',
        name: 'records',
        description: 'The records to whose use their contributors agree.',
        key: { '@id': 'records/cid' },
        field: FIELDS,
      },
    ],
  }
}

const column = (name: keyof typeof RECORD_COLUMNS) => ({
  fileObject: { '@id': 'records.jsonl' },
  extract: { column: name },
})

const field = (name: keyof typeof RECORD_COLUMNS, dataType: string | string[], id = `records/${name}`) => ({
  '@type': 'cr:Field',
  '@id': id,
  name: id.slice(id.lastIndexOf('/') + 1),
  description: RECORD_COLUMNS[name],
  dataType,
  source: column(name),
})

/** The contributor stands with the content that is theirs. */
const FIELDS = [
  {
    ...field('cid', 'sc:Text'),
    annotation: {
      ...field('contributor', ['sc:URL', 'prov:Agent'], 'records/cid/contributor'),
      equivalentProperty: 'prov:wasAttributedTo',
    },
  },
  field('content_url', 'sc:URL'),
  field('title', 'sc:Text'),
  field('media_type', 'sc:Text'),
  field('size_bytes', 'sc:Integer'),
  { ...field('licence', 'sc:Text'), equivalentProperty: 'sc:license' },
  field('contributor', ['sc:URL', 'prov:Agent']),
  field('contributor_name', 'sc:Text'),
  field('contribution_transaction', 'sc:Text'),
  field('contributed_at', 'sc:DateTime'),
]

function agentOf(places: Places, { account, name }: AgentFacts) {
  return { '@type': 'prov:Agent', '@id': accountUri(places, account), 'prov:label': name }
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** Appendix 1 of the specification, and the vocabularies used here. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  annotation: 'cr:annotation',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  rai: 'http://mlcommons.org/croissant/RAI/',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
  prov: 'http://www.w3.org/ns/prov#',
  ...OFFER_CONTEXT,
} as const
