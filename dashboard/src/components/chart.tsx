import type { EChartsCoreOption } from 'echarts/core'
import { lazy, Suspense, useState } from 'react'
import { type Column, DataTable } from './data-table.tsx'
import { Icon } from './icon.tsx'
import { Loading } from './states.tsx'

/** The library that draws is 150 kB and is fetched when the first chart is shown. */
const Canvas = lazy(() => import('./chart-canvas.tsx'))

/** Colours of a chart in light and dark; series also differ by order, label or pattern. */
export type ChartInk = { ink: string; muted: string; line: string; surface: string; series: string[] }

/**
 * A chart with its twin: the same rows as a table, and as CSV. `summary` says in a sentence what the chart shows, for those
 * who do not see it.
 */
export function Chart<Row>({
  name,
  summary,
  option,
  columns,
  rows,
  file,
  heightPx = 260,
}: {
  name: string
  summary: string
  option: (ink: ChartInk) => EChartsCoreOption
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  file: string
  heightPx?: number
}) {
  const [asTable, setAsTable] = useState(false)
  return (
    <div>
      <div className="mb-2 flex justify-end">
        <button type="button" className="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name={asTable ? 'chart' : 'table'} size={16} />
          {asTable ? 'Chart' : 'Table'}
          <span className="sr-only"> of {name}</span>
        </button>
      </div>
      {asTable ? (
        <DataTable caption={name} columns={columns} rows={rows} file={file} />
      ) : (
        <figure>
          <div role="img" aria-label={`${name}. ${summary}`} style={{ height: heightPx }}>
            <Suspense fallback={<Loading what={`Drawing ${name}`} />}>
              <Canvas option={option} />
            </Suspense>
          </div>
          <figcaption className="mt-2 text-muted text-sm">{summary}</figcaption>
        </figure>
      )}
    </div>
  )
}
