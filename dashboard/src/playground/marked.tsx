import { useMemo } from 'react'
import { cutAt, type Span } from './words.ts'

/** Contributed text with marks. It is text and nothing else, whatever it looks like. */
export function Marked({ text, marks }: { text: string; marks: readonly Span[] }) {
  const parts = useMemo(() => cutAt(text, marks), [text, marks])
  return (
    <p className="whitespace-pre-wrap break-words font-mono text-xs leading-5">
      {parts.map(({ text: part, isMarked, start }) =>
        isMarked ? (
          <mark
            key={start}
            className="rounded-sm bg-accent-soft text-ink underline decoration-2 decoration-accent underline-offset-2"
          >
            {part}
          </mark>
        ) : (
          <span key={start}>{part}</span>
        ),
      )}
    </p>
  )
}
