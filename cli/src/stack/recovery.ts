import { query } from './database.ts'
import { callRpc } from './json-rpc.ts'

/**
 * Whether what graph-node indexed is about the chain as it is now. It is not when the chain was killed and came back with
 * fewer blocks: graph-node would wait for it to grow, then see another history than the one it knows. Nor is it when the
 * subgraph has changed since.
 *
 * The tables are graph-node's own affair; they are read as version 0.45 lays them out, and what cannot be read counts as
 * not matching.
 * @param manifest path of the subgraph that is to run
 */
export async function indexMatches(databaseUrl: string, rpcUrl: string, manifest: string): Promise<boolean> {
  try {
    const deployments = await query<{ subgraph: string; number: number | null; hash: Buffer | null }>(
      databaseUrl,
      `SELECT schemas.subgraph, head.block_number AS number, head.block_hash AS hash
         FROM public.deployment_schemas AS schemas JOIN subgraphs.head AS head ON head.id = schemas.id`,
    )
    if (deployments.some(({ subgraph }) => subgraph !== manifest)) return false
    const networks = await query<{ number: string | null; hash: string | null }>(
      databaseUrl,
      'SELECT head_block_number AS number, head_block_hash AS hash FROM public.ethereum_networks',
    )
    const seen = [...deployments, ...networks].flatMap(({ number, hash }) =>
      number === null || hash === null ? [] : [{ number: Number(number), hash: hexOf(hash) }],
    )
    const stand = await Promise.all(seen.map((block) => isOnChain(rpcUrl, block)))
    return stand.every(Boolean)
  } catch {
    return false
  }
}

/** Whether graph-node ever used this database. */
export async function isIndexed(databaseUrl: string): Promise<boolean> {
  const [row] = await query<{ present: boolean }>(
    databaseUrl,
    `SELECT to_regclass('public.deployment_schemas') IS NOT NULL AS present`,
  )
  return row?.present === true
}

async function isOnChain(rpcUrl: string, block: { number: number; hash: string }): Promise<boolean> {
  const height = `0x${block.number.toString(16)}`
  const found = await callRpc<{ hash: string } | null>(rpcUrl, 'eth_getBlockByNumber', [height, false])
  return found?.hash === block.hash
}

function hexOf(hash: Buffer | string): string {
  return `0x${(typeof hash === 'string' ? hash : hash.toString('hex')).replace(/^0x|^\\x/, '')}`
}
