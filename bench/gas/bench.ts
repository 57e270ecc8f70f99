import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../figure.ts'
import { Economy } from './economy.ts'
import { PEERS } from './peers.ts'
import type { Scenario } from './scenario.ts'

/** Every scenario, by name. */
export async function scenarios(): Promise<Scenario[]> {
  const folder = join(import.meta.dirname, 'scenarios')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const lists = await Promise.all(files.map(async (file) => (await import(join(folder, file))).default as Scenario[]))
  return lists.flat().sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Gas of every scenario, each on a fresh state. */
export async function* measure(): AsyncIterable<Figure> {
  const economy = await Economy.start()
  for (const { name, n, run } of await scenarios()) {
    const gas = await economy.apart(() => run(economy))
    const peer = (await economy.apart(async () => PEERS[name]?.(economy))) ?? null
    // Rounded up: a bar of so much each must hold for the sum.
    const ours = Math.ceil(gas / n)
    const ratio = peer === null ? null : Math.round((1000 * peer) / ours) / 1000
    yield { bench: 'gas', name, ours, peer, ratio, unit: 'gas', n }
  }
}
