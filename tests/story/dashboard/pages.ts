/** Addresses of every page on a stack that the demo was told on. */
export async function pagesOf(apiUrl: string): Promise<Record<string, string>> {
  const response = await fetch(`${apiUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: THINGS }),
  })
  const { data } = (await response.json()) as { data: Things }
  const [datanet] = data.datanets.nodes
  const adapter = data.models.nodes.find(({ kind }) => kind === 'Adapter')!
  return {
    overview: '/',
    datanets: '/datanets',
    datanet: `/datanets/${datanet!.id}`,
    contribute: `/datanets/${datanet!.id}/contribute`,
    'create-datanet': '/datanets/create',
    record: `/records/${datanet!.records.nodes[0]!.digest}`,
    contributor: `/contributors/${data.contributors.nodes[0]!.account}`,
    models: '/models',
    model: `/models/${adapter.id}`,
    attribution: '/attribution',
    rewards: '/rewards',
    staking: '/staking',
    governance: '/governance',
    token: '/token',
    node: '/node',
    explorer: '/explorer',
    playground: `/playground?receipt=${data.answers.nodes[0]!.receiptHash}`,
  }
}

const THINGS = `{
  datanets(first: 1, orderBy: recordCount) { nodes { id records(first: 1) { nodes { digest } } } }
  contributors(first: 1) { nodes { account } }
  models(first: 20) { nodes { id kind } }
  answers(first: 1, orderDirection: asc) { nodes { receiptHash } }
}`

type Things = {
  datanets: { nodes: { id: string; records: { nodes: { digest: string }[] } }[] }
  contributors: { nodes: { account: string }[] }
  models: { nodes: { id: string; kind: string }[] }
  answers: { nodes: { receiptHash: string }[] }
}
