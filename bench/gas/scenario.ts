import type { Economy } from './economy.ts'

/** One thing that a user does, and what it may cost. Each file of scenarios/ exports one, or several alike, as its default. */
export type Scenario = {
  /** The name by which the figure is known for good. */
  name: string
  /** One line for docs/gas.md. */
  says: string
  /** Things done in the transaction: the figure is for one of them. */
  n: number
  /** Gas that the figure must not exceed. */
  bar?: number
  /** Gas that we would be proud of. */
  goal?: number
  /** @return gas of the whole transaction */
  run(economy: Economy): Promise<number>
}
