/** What QueryProcess tells its child at the start, as its only argument. */
export type Opening = { file: string; memoryLimit: string; threads: number }

export type Question = { sql: string; timeoutMs: number; maxRows: number }

export type Answer =
  | { kind: 'ready' }
  | ({ kind: 'rows' } & QueryRows)
  /** It is no single question. */
  | { kind: 'refused'; reason: string }
  | { kind: 'failed'; reason: string }

export type QueryRows = {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Values as JSON holds them: integers of 64 bits and more, decimals and dates are text. */
  readonly rows: readonly (readonly unknown[])[]
  /** Whether there were more rows than asked for. */
  readonly isCut: boolean
}
