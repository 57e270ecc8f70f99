/** One line of a bench, as `--json` prints it. */
export type Figure = {
  bench: string
  name: string
  ours: number
  /** The same of another project, measured in the same run; null where there is none. */
  peer: number | null
  /** Above 1 if ours is better. */
  ratio: number | null
  unit: string
  /** How many things, or runs, the figure is about. */
  n: number
}

/** What a folder of bench/ exports from its bench.ts. */
export type Bench = { measure(options: BenchOptions): AsyncIterable<Figure> }

export type BenchOptions = {
  /** Makes again what was kept. */
  fresh: boolean
  /** Writes tables into docs/. */
  docs: boolean
}
