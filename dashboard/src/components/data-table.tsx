import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { count } from '../app/format.ts'
import { download, toCsv } from './csv.ts'
import { Icon } from './icon.tsx'
import { Empty } from './states.tsx'

export type Column<Row> = {
  name: string
  /** What is sorted by and written to CSV; numbers and wei as numbers and bigints. */
  value: (row: Row) => string | number | bigint | null
  /** What is shown; the value itself unless given. */
  show?: (row: Row) => ReactNode
  /** Numbers stand right, aligned by their digits. */
  numeric?: boolean
  /** Unit, said in the heading and in the CSV's. */
  unit?: string
  /** Left out on narrow screens. */
  wide?: boolean
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
/** Rows beyond this are drawn only where they are seen. */
const DRAWN_AT_ONCE = 60
const ROW_PX = 44

/** A table that sorts, scrolls through any number of rows, and can be taken along as CSV. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  file,
  empty = 'Nothing yet',
  heightPx = 520,
}: {
  /** Said to screen readers. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** Name of the CSV, without ending; no link unless given. */
  file?: string
  empty?: string
  heightPx?: number
}) {
  const [sorting, setSorting] = useState<SortingState>([])
  const definitions = useMemo(
    () =>
      columns.map(
        (column, place): ColumnDef<typeof features, { row: Row }> => ({
          id: String(place),
          header: column.name,
          accessorFn: ({ row }) => column.value(row),
          sortFn: (a, b) => compare(column.value(a.original.row), column.value(b.original.row)),
          sortDescFirst: column.numeric ?? false,
        }),
      ),
    [columns],
  )
  const data = useMemo(() => rows.map((row) => ({ row })), [rows])
  const table = useTable({ features, columns: definitions, data, state: { sorting }, onSortingChange: setSorting })
  const sorted = table.getRowModel().rows
  const scroller = useRef<HTMLElement>(null)
  const isLong = sorted.length > DRAWN_AT_ONCE
  const virtual = useVirtualizer({
    count: isLong ? sorted.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  if (rows.length === 0) return <Empty title={empty} />
  const items = virtual.getVirtualItems()
  const seen = isLong ? items.map(({ index }) => index) : sorted.map((_, index) => index)
  const above = isLong ? (items[0]?.start ?? 0) : 0
  const below = isLong ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0
  return (
    <div>
      <section
        ref={scroller}
        className="overflow-auto"
        style={isLong ? { maxHeight: heightPx } : {}}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`${caption}, table`}
      >
        <table className="w-full border-collapse text-sm" aria-rowcount={sorted.length + 1}>
          <caption className="sr-only">{caption}</caption>
          <thead className="sticky top-0 z-10 bg-surface">
            <tr>
              {table.getHeaderGroups()[0]!.headers.map((header, place) => {
                const column = columns[place]!
                const order = header.column.getIsSorted()
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={order === false ? 'none' : order === 'asc' ? 'ascending' : 'descending'}
                    className={`border-line border-b px-3 py-2 font-medium text-muted first:pl-0 last:pr-0 ${alignment(column)}`}
                  >
                    <button
                      type="button"
                      className="whitespace-nowrap font-medium hover:text-ink"
                      onClick={header.column.getToggleSortingHandler()}
                    >
                      {column.name}
                      {column.unit !== undefined && <span className="font-normal"> ({column.unit})</span>}
                      <span aria-hidden="true">{order === false ? '' : order === 'asc' ? ' ↑' : ' ↓'}</span>
                    </button>
                  </th>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Spacer columns={columns.length} heightPx={above} />}
            {seen.map((index) => {
              const { row } = sorted[index]!.original
              return (
                <tr key={sorted[index]!.id} aria-rowindex={index + 2} className="hover:bg-sunken/60">
                  {columns.map((column) => (
                    <td
                      key={column.name}
                      className={`h-11 border-line/70 border-b px-3 py-2 first:pl-0 last:pr-0 ${alignment(column)}`}
                    >
                      {column.show === undefined ? display(column.value(row)) : column.show(row)}
                    </td>
                  ))}
                </tr>
              )
            })}
            {below > 0 && <Spacer columns={columns.length} heightPx={below} />}
          </tbody>
        </table>
      </section>
      {file !== undefined && (
        <p className="mt-3 flex items-center justify-between gap-4 text-muted text-xs">
          <span className="numeric">{count(rows.length)} rows</span>
          <button
            type="button"
            className="link inline-flex items-center gap-1"
            onClick={() => download(`${file}.csv`, tableCsv(columns, rows))}
          >
            <Icon name="download" size={14} /> CSV<span className="sr-only"> of {caption}</span>
          </button>
        </p>
      )}
    </div>
  )
}

/** Stands for the rows that are not drawn, so that the bar scrolls as if they were. */
function Spacer({ columns, heightPx }: { columns: number; heightPx: number }) {
  return (
    <tr>
      <td colSpan={columns} style={{ height: heightPx }} />
    </tr>
  )
}

export function tableCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const header = columns.map(({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`))
  return toCsv(
    header,
    rows.map((row) => columns.map(({ value }) => value(row))),
  )
}

function alignment({ numeric, wide }: { numeric?: boolean; wide?: boolean }): string {
  return `${numeric ? 'numeric whitespace-nowrap text-right' : 'text-left'} ${wide ? 'hidden md:table-cell' : ''}`
}

function display(value: string | number | bigint | null): ReactNode {
  if (value === null) return <span className="text-muted">none</span>
  return typeof value === 'string' ? value : count(value)
}

function compare(a: string | number | bigint | null, b: string | number | bigint | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b), 'en')
  return a < b ? -1 : 1
}
