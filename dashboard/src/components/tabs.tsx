import { type ReactNode, useId, useState } from 'react'

/** Tabs by the keyboard’s arrows; only what is shown is made. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly { name: string; show: () => ReactNode }[] }) {
  const id = useId()
  const [at, setAt] = useState(0)
  return (
    <div>
      <div role="tablist" aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-line border-b">
        {tabs.map(({ name }, place) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${place}`}
            aria-selected={place === at}
            aria-controls={`${id}-panel`}
            tabIndex={place === at ? 0 : -1}
            className="-mb-px whitespace-nowrap border-transparent border-b-2 px-3 py-2 text-muted text-sm hover:text-ink aria-selected:border-accent aria-selected:font-medium aria-selected:text-ink"
            onClick={() => setAt(place)}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key]
              if (step === undefined) return
              const next = (at + step) % tabs.length
              setAt(next)
              document.getElementById(`${id}-${next}`)?.focus()
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at}`}>
        {tabs[at]!.show()}
      </div>
    </div>
  )
}
