/**
 * Where an answer comes from, in W3C PROV-O (Recommendation, 30 April 2013) as JSON-LD 1.1. The three kinds of evidence stay apart:
 * influence of training is a `prov:Derivation`, a span that stands word for word in a record a `prov:Quotation`, what was put into
 * the prompt is used by the serving activity. What PROV has no word for has one under `ol:`, with the units of the GraphQL api.
 */
import type { AgentFacts, AnswerFacts, Influence, Places, Quotation, Source } from './facts.ts'
import { accountUri, answerUrl, contentUrl, datanetUrl, modelUrl } from './places.ts'

type Node = { '@id'?: string; [property: string]: unknown }

export function provenanceOf(places: Places, answer: AnswerFacts): { '@context': unknown; '@graph': Node[] } {
  const url = answerUrl(places, answer.receiptHash)
  const evidence = answer.evidence
  const influence = (evidence?.influence ?? []).filter(hasRecord)
  const quotations = (evidence?.verbatim ?? []).flatMap((span) =>
    span.documents.filter(hasRecord).map((document) => ({ span, document })),
  )
  const retrieval = evidence?.retrieval ?? []
  const sources = new Map(
    [...influence.map(({ record }) => record), ...quotations.map(({ document }) => document.record), ...retrieval].map(
      (source) => [source.digest, source],
    ),
  )
  const used = [contentUrl(places, answer.requestCid), ...retrieval.map(({ digest }) => recordUri(digest))]
  if (answer.model !== null) used.push(modelUrl(places, answer.model.id))
  const at = new Date(Number(answer.timestampMs)).toISOString()

  return {
    '@context': CONTEXT,
    '@graph': [
      {
        '@id': url,
        '@type': 'prov:Entity',
        'prov:generatedAtTime': { '@type': 'xsd:dateTime', '@value': at },
        'prov:wasGeneratedBy': { '@id': `${url}#serving` },
        'prov:wasAttributedTo': { '@id': accountUri(places, answer.node) },
        'prov:specializationOf': { '@id': contentUrl(places, answer.responseCid) },
        'prov:wasDerivedFrom': ids([...sources.keys()].map(recordUri)),
        'prov:qualifiedDerivation': influence.map(derivationOf),
        'prov:qualifiedQuotation': quotations.map(quotationOf),
        'ol:receiptHash': answer.receiptHash,
        'ol:block': places.block,
        ...(evidence === null
          ? {}
          : {
              'ol:evidence': { '@id': contentUrl(places, evidence.cid) },
              'ol:influenceCount': evidence.influenceCount,
              'ol:features': { '@id': contentUrl(places, evidence.featuresCid) },
            }),
      },
      {
        '@id': `${url}#serving`,
        '@type': 'prov:Activity',
        'prov:used': ids(used),
        'prov:wasAssociatedWith': ids(
          [answer.node, ...(answer.payer === null ? [] : [answer.payer])].map((account) => accountUri(places, account)),
        ),
        'prov:endedAtTime': { '@type': 'xsd:dateTime', '@value': at },
        'ol:engineHash': answer.engineHash,
        'ol:promptTokens': Number(answer.promptTokens),
        'ol:completionTokens': Number(answer.completionTokens),
        'ol:priceWei': answer.priceWei,
        'ol:settlementTransaction': answer.settlementTransaction,
      },
      { '@id': accountUri(places, answer.node), '@type': 'prov:Agent' },
      ...(answer.payer === null ? [] : [{ '@id': accountUri(places, answer.payer), '@type': 'prov:Agent' }]),
      ...modelNodes(places, answer),
      ...[...sources.values()].map((source) => recordNode(places, source)),
      ...agentsOf([...sources.values()]).map((agent) => agentNode(places, agent)),
      ...payoutNodes(places, answer, url),
    ],
  }
}

/** Content by what it is, wherever it lies: the ni URI of RFC 6920 for its sha2-256. */
export function recordUri(digest: string): string {
  return `ni:///sha-256;${Buffer.from(digest.slice(2), 'hex').toString('base64url')}`
}

function derivationOf({ record, mean, standardError, sharePpm }: Influence & { record: Source }): Node {
  return {
    '@type': 'prov:Derivation',
    'prov:entity': { '@id': recordUri(record.digest) },
    'ol:influenceMean': mean,
    'ol:influenceStandardError': standardError,
    'ol:sharePpm': sharePpm,
  }
}

function quotationOf({
  span,
  document,
}: {
  span: Quotation
  document: { start: number; end: number; record: Source }
}): Node {
  return {
    '@type': 'prov:Quotation',
    'prov:entity': { '@id': recordUri(document.record.digest) },
    'prov:value': span.text,
    'ol:start': span.start,
    'ol:end': span.end,
    'ol:sourceStart': document.start,
    'ol:sourceEnd': document.end,
  }
}

function modelNodes(places: Places, { model }: AnswerFacts): Node[] {
  if (model === null) return []
  const parents = [
    ...(model.base === null
      ? []
      : [{ url: modelUrl(places, model.base.id), name: model.base.name, type: 'prov:Entity' }]),
    ...model.datanets.map(({ datanet }) => ({
      url: datanetUrl(places, datanet.id),
      name: datanet.name,
      type: 'prov:Collection',
    })),
  ]
  return [
    {
      '@id': modelUrl(places, model.id),
      '@type': 'prov:Entity',
      'rdfs:label': model.name,
      'prov:wasDerivedFrom': ids(parents.map(({ url }) => url)),
    },
    ...parents.map(({ url, name, type }) => ({ '@id': url, '@type': type, 'rdfs:label': name })),
  ]
}

function recordNode(places: Places, { digest, title, licence, contributor }: Source): Node {
  return {
    '@id': recordUri(digest),
    '@type': 'prov:Entity',
    'rdfs:label': title,
    'dct:license': licence,
    'prov:wasAttributedTo': { '@id': accountUri(places, contributor.account) },
  }
}

function agentNode(places: Places, { account, name }: AgentFacts): Node {
  return { '@id': accountUri(places, account), '@type': 'prov:Agent', 'rdfs:label': name }
}

/** The epoch's root pays who is named above. */
function payoutNodes(places: Places, { epoch }: AnswerFacts, url: string): Node[] {
  if (epoch === null) return []
  return [
    {
      '@id': contentUrl(places, epoch.manifestCid),
      '@type': 'prov:Entity',
      'prov:wasDerivedFrom': { '@id': url },
      'ol:epoch': epoch.number,
      'ol:rewardRoot': epoch.root,
    },
  ]
}

function agentsOf(sources: readonly Source[]): AgentFacts[] {
  return [...new Map(sources.map(({ contributor }) => [contributor.account, contributor])).values()]
}

function hasRecord<T extends { record: Source | null }>(item: T): item is T & { record: Source } {
  return item.record !== null
}

const ids = (uris: readonly string[]) => uris.map((uri) => ({ '@id': uri }))

const CONTEXT = {
  prov: 'http://www.w3.org/ns/prov#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  dct: 'http://purl.org/dc/terms/',
  ol: 'urn:openledger:terms:',
} as const
