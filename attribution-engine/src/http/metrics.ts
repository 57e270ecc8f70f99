import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import type { EpochArchive } from '../epochs/epoch-archive.ts'
import type { EpochClock } from '../epochs/epoch-clock.ts'

/** What an operator watches: is the mirror following, is the clock turning, is a step failing. */
export function registerMetrics(
  registry: Registry,
  { archive, clock }: { archive: EpochArchive; clock: EpochClock },
): void {
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, read: () => number | Promise<number>) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  }
  gauge(
    'openledger_engine_mirrored_block',
    'Block that the mirror stands at; -1 before the first.',
    () => clock.state.syncedBlock ?? -1,
  )
  gauge('openledger_engine_ticks_total', 'Turns of the clock since the start.', () => clock.state.ticks)
  gauge('openledger_engine_failing', '1 while the last turn failed.', () => (clock.state.lastError === null ? 0 : 1))
  gauge(
    'openledger_engine_next_epoch',
    'Number that the next proposal will have; -1 while the chain does not answer.',
    () => archive.nextNumber().catch(() => -1),
  )
}
