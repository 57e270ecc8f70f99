import { type ReactNode, useId } from 'react'
import { count } from '../app/format.ts'

/** Where numbers come from: `index` is the subgraph, `engine` the attribution engine, `chain` the chain itself. */
export type Source = { source: 'index' | 'engine' | 'chain' | 'node' | 'this browser'; block?: number | string | null }

/** A page's title, what it is for in a sentence, and what can be done. */
export function PageHeader({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <header className="mb-8 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
      <div className="max-w-2xl">
        <h1 className="font-semibold text-[1.75rem] leading-tight tracking-tight">{title}</h1>
        {lead !== undefined && <p className="mt-2 text-muted">{lead}</p>}
      </div>
      {children !== undefined && <div className="flex flex-wrap gap-2">{children}</div>}
    </header>
  )
}

/** A card with a heading. Its foot names source and block of every number inside that does not name its own. */
export function Section({
  title,
  note,
  actions,
  from,
  children,
  className = '',
}: {
  title: string
  note?: ReactNode
  actions?: ReactNode
  from?: Source | undefined
  children: ReactNode
  className?: string
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`card flex min-w-0 flex-col p-5 sm:p-6 ${className}`}>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div>
          <h2 id={id} className="font-semibold text-base">
            {title}
          </h2>
          {note !== undefined && <p className="mt-0.5 max-w-prose text-muted text-sm">{note}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      <div className="min-w-0 grow">{children}</div>
      {from !== undefined && <Origin {...from} />}
    </section>
  )
}

export function Origin({ source, block }: Source) {
  return (
    <p className="numeric mt-4 border-line border-t pt-3 text-muted text-xs">
      {block == null ? `Source: ${source}` : `Source: ${source}, as of block ${count(block)}`}
    </p>
  )
}
