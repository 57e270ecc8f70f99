/**
 * What others take for the same thing, measured on the same chain in the same run. Peers are installed apart
 * (`npm install --prefix bench/peers`); without them a figure has no peer, and nothing else changes.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { keccak256, solidityPacked } from 'ethers'
import type { Artefact, Economy } from './economy.ts'
import { accountOf, hexOf } from './random.ts'
import { DEPTH } from './roots.ts'

/** By the name of our scenario. @return gas of the whole transaction; null where the peer is not installed */
export const PEERS: Readonly<Record<string, (economy: Economy) => Promise<number | null>>> = {
  'claim.first': uniswapClaim,
}

/** Uniswap's MerkleDistributor, as its package ships it: the same account and token, a proof of as many levels. */
async function uniswapClaim(economy: Economy): Promise<number | null> {
  const artefact = packaged('@uniswap/merkle-distributor/build/MerkleDistributor.json')
  if (artefact === null) return null
  const [index, account, amountWei] = [700_001n, accountOf('account 0'), 123n * 10n ** 18n]
  // Its pairs are hashed in ascending order, so a proof needs no index.
  const proof = Array.from({ length: DEPTH }, (_, level) => hexOf(`uniswap: sibling ${level}`))
  const leaf = keccak256(solidityPacked(['uint256', 'address', 'uint256'], [index, account, amountWei]))
  const root = proof.reduce(
    (node, sibling) => keccak256(node < sibling ? node + sibling.slice(2) : sibling + node.slice(2)),
    leaf,
  )
  const place = await economy.deployArtefact('UniswapDistributor', artefact, [economy.addressOf('OpenToken'), root])
  await economy.send(economy.accounts.holder, 'OpenToken', 'transfer', place, 10n * amountWei)
  return economy.send(economy.accounts.stranger, 'UniswapDistributor', 'claim', index, account, amountWei, proof)
}

function packaged(file: string): Artefact | null {
  const require = createRequire(join(import.meta.dirname, '../peers/package.json'))
  try {
    return require(file) as Artefact
  } catch {
    return null
  }
}
