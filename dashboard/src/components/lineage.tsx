import { useState } from 'react'
import { DatanetLink, ModelLink } from './entity-links.tsx'

export type LineageNode = { id: string; kind: 'Datanet' | 'Base' | 'Adapter'; name: string; detail: string }
/** Nodes of a column that are shown before it is expanded. */
const SHOWN = 6

/** What a model came from and what came from it: three columns that read in order, also without seeing them. */
export function Lineage({
  name,
  parents,
  derived,
}: {
  name: string
  parents: readonly LineageNode[]
  derived: readonly LineageNode[]
}) {
  return (
    <div className="grid items-center gap-4 md:grid-cols-[1fr_auto_1fr_auto_1fr]">
      <Column title="Made of" nodes={parents} empty="Nothing here made it" />
      <Arrow />
      <div className="rounded-lg border-2 border-accent bg-accent-soft px-4 py-3 text-center font-medium text-accent-strong text-sm">
        {name}
      </div>
      <Arrow />
      <Column title="Made into" nodes={derived} empty="Nothing is built on it yet" />
    </div>
  )
}

function Column({ title, nodes, empty }: { title: string; nodes: readonly LineageNode[]; empty: string }) {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? nodes : nodes.slice(0, SHOWN)
  return (
    <div>
      <h3 className="mb-2 text-muted text-xs">{title}</h3>
      {nodes.length === 0 ? (
        <p className="text-muted text-sm">{empty}</p>
      ) : (
        <ul className="space-y-2">
          {shown.map((node) => (
            <li key={node.id} className="rounded-lg border border-line px-3 py-2 text-sm">
              {node.kind === 'Datanet' ? <DatanetLink {...node} /> : <ModelLink {...node} />}
              <span className="block text-muted text-xs">{node.detail}</span>
            </li>
          ))}
        </ul>
      )}
      {nodes.length > SHOWN && (
        <button type="button" className="link mt-2 text-xs" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `All ${nodes.length}`}
        </button>
      )}
    </div>
  )
}

function Arrow() {
  return (
    <span aria-hidden="true" className="text-center text-muted max-md:rotate-90">
      →
    </span>
  )
}
