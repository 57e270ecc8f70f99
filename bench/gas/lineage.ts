import type { Economy } from './economy.ts'
import { hexOf } from './random.ts'

/** Terms as people write them: a name, an SPDX licence. Flags: derivatives and commerce. */
export const DATANET = ['Solidity sources of npm', 0, 3, 10_000, 'Apache-2.0', hexOf('metadata'), false]
export const BATCH = [hexOf('manifest'), hexOf('records'), 1_000, 4_500_000, 'Apache-2.0']

export function modelTerms(kind: 'base' | 'adapter', parents: readonly (readonly [string, number])[]): unknown[] {
  const royaltyPpm = kind === 'base' ? 20_000 : 50_000
  const name = `openledger/${kind}-3m`
  return [kind === 'base' ? 1 : 2, name, 3, royaltyPpm, 'Apache-2.0', hexOf(name), hexOf('training'), parents]
}

/** Registers a model. @return its id, and what it cost */
export async function register(
  economy: Economy,
  kind: 'base' | 'adapter',
  parents: readonly (readonly [string, number])[],
): Promise<{ id: string; gas: number }> {
  const { owner } = economy.accounts
  const terms = modelTerms(kind, parents)
  const id = (await economy.ask(owner, 'LineageRegistry', 'modelIdOf', owner, terms)) as string
  return { id, gas: await economy.send(owner, 'LineageRegistry', 'registerModel', terms) }
}

/** Creates a Datanet. @return its id, and what it cost */
export async function createDatanet(economy: Economy): Promise<{ id: string; gas: number }> {
  const { owner } = economy.accounts
  const id = (await economy.ask(owner, 'LineageRegistry', 'datanetIdOf', owner, DATANET)) as string
  return { id, gas: await economy.send(owner, 'LineageRegistry', 'createDatanet', DATANET) }
}
