import { readFile } from 'node:fs/promises'
import { Analysis, readViews } from '@openledger/analytics'
import { readEntitySchema } from '@openledger/lineage-store'
import { type MadeUpAnswers, MILLION_ANSWERS, makeUpAnswers } from './made-up-answers.ts'

export type ViewTime = { view: string; medianMs: number; rows: number }
export type ViewTimes = { answers: number; buildMs: number; summariesMs: number; views: readonly ViewTime[] }

/**
 * Makes an economy up and times every analytic view over it: all of its rows, on two threads, median of `runs`.
 * @param folder for the database; the caller removes it
 */
export async function timeViews(
  folder: string,
  { size = MILLION_ANSWERS, runs = 5 }: { size?: MadeUpAnswers.Size; runs?: number } = {},
): Promise<ViewTimes> {
  const schema = readEntitySchema(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'))
  const analysis = await Analysis.create(folder, `${folder}/answers.duckdb`, { memoryLimit: '4GB', threads: 2 })
  try {
    const buildMs = await timed(() => makeUpAnswers(analysis, schema, size))
    const summariesMs = await timed(() => analysis.finish())
    const views: ViewTime[] = []
    for (const { name } of readViews()) {
      const times: number[] = []
      for (let run = 0; run < runs; run++) {
        times.push(await timed(() => analysis.run(`FROM ${name}`)))
      }
      const rows = Number((await analysis.rows(`SELECT count(*) AS count FROM ${name}`))[0]!.count)
      views.push({ view: name, medianMs: times.sort((a, b) => a - b)[Math.floor(runs / 2)]!, rows })
    }
    return { answers: size.answers, buildMs, summariesMs, views }
  } finally {
    analysis.close()
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}
