import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureContracts, openStateDirectory, type Supervisor } from '@openledger/cli/stack'
import { startAnvil } from './anvil.ts'
import { run } from './mixture.ts'
import { Traffic } from './traffic.ts'

/** Roots open in the block after their proposal's; bonds are 1 OPEN. */
const TERMS = { bondOpen: 1, challengeWindow: 1, thawTime: 1 }
/** The first and the sixth of the chain's accounts, as the embedded stack gives offices out. */
export const FOUNDER = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const ENGINE = '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc'
/** Nothing happens in the last blocks: neither index then takes events for such as may still be reorganised. */
const LAST_BLOCKS = 64

/** Deploys the contracts on a new chain as the embedded stack does, lets the platform run, and writes both into `directory`. */
export async function makeChain(
  supervisor: Supervisor,
  scratch: string,
  port: number,
  directory: string,
): Promise<void> {
  process.stderr.write('index: making the chain; later runs take it from the cache\n')
  const startedMs = performance.now()
  const secondsSoFar = () => Math.round((performance.now() - startedMs) / 1000)
  const state = openStateDirectory(join(scratch, 'deployment'))
  const file = join(directory, 'chain.json')
  const anvil = await startAnvil(supervisor, scratch, port, ['--dump-state', file])
  const deployment = await ensureContracts(supervisor, state, anvil.url, TERMS)
  process.stderr.write(`index: the contracts are deployed, ${secondsSoFar()} s\n`)
  const traffic = await Traffic.start(anvil.url, deployment, { founder: FOUNDER, proposer: ENGINE, attester: ENGINE })
  await run(traffic)
  await traffic.pass(LAST_BLOCKS)
  writeFileSync(join(directory, 'deployment.json'), JSON.stringify(deployment))
  await anvil.process.stop() // it writes its file as it ends
  if (!existsSync(file)) throw new Error('The chain did not write its file.')
  process.stderr.write(`index: the chain is made, ${secondsSoFar()} s\n`)
}
