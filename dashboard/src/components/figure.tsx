import type { ReactNode } from 'react'
import { count } from '../app/format.ts'
import type { Source } from './section.tsx'

/** One number with its name and unit; source and block are said on hover and to screen readers. */
export function Figure({
  name,
  value,
  unit,
  from,
  note,
}: {
  name: string
  value: ReactNode
  unit: string
  from: Source
  note?: ReactNode
}) {
  const origin = from.block == null ? from.source : `${from.source}, block ${count(from.block)}`
  return (
    <div className="min-w-0" title={`Source: ${origin}`}>
      <dt className="text-muted text-sm">{name}</dt>
      <dd className="mt-1">
        <span className="numeric font-semibold text-2xl tracking-tight">{value}</span>{' '}
        <span className="text-muted text-sm">{unit}</span>
        <span className="sr-only">, source: {origin}</span>
        {note !== undefined && <span className="mt-0.5 block text-muted text-xs">{note}</span>}
      </dd>
    </div>
  )
}

/** A row of figures that wraps. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-6 sm:grid-cols-3 lg:grid-cols-[repeat(auto-fit,minmax(9rem,1fr))]">
      {children}
    </dl>
  )
}
