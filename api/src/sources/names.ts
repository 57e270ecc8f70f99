import type { Subgraph } from './subgraph.ts'

/** Names to be credited, as each account's first contribution gives it; null where none does. */
export async function loadNames(subgraph: Subgraph, accounts: readonly string[]): Promise<(string | null)[]> {
  type Row = { contributor: { id: string }; manifest: { attributionName: string | null } | null }
  const { contributions } = await subgraph.queryOnce<{ contributions: Row[] }>(
    `query($block: Int!, $ids: [String!]) {
      contributions(first: 1000, where: {contributor_in: $ids}, orderBy: blockNumber, block: {number: $block}) {
        contributor { id } manifest { attributionName }
      }
    }`,
    { ids: accounts },
  )
  const names = new Map<string, string>()
  for (const { contributor, manifest } of contributions) {
    if (manifest?.attributionName && !names.has(contributor.id)) names.set(contributor.id, manifest.attributionName)
  }
  return accounts.map((id) => names.get(id) ?? null)
}
