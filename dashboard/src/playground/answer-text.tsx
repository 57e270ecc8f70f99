import { memo, useMemo, useRef } from 'react'
import { overlaps, type Piece, piecesOf, type Span } from './words.ts'

/**
 * An answer whose words can be asked about: a click takes a word, dragging or Shift with an arrow a span. Words that evidence
 * speaks of are underlined, those that are taken by a thick line and a ground of their own.
 */
export function AnswerText({
  text,
  marks,
  selected,
  onSelect,
}: {
  text: string
  /** Spans that evidence names. */
  marks: readonly Span[]
  selected: Span | null
  onSelect: (span: Span | null) => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const pieces = useMemo(() => piecesOf(text), [text])
  const first = pieces.find(({ isWord }) => isWord)
  const takeSelection = () => {
    const selection = window.getSelection()
    if (selection === null || selection.isCollapsed || !place.current?.contains(selection.anchorNode)) return
    const ends = [offsetOf(selection.anchorNode), offsetOf(selection.focusNode)].filter((end) => end !== null)
    if (ends.length < 2) return
    onSelect({ start: Math.min(...ends.map(({ start }) => start)), end: Math.max(...ends.map(({ end }) => end)) })
    selection.removeAllRanges()
  }
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    const at = (event.target as HTMLElement).dataset
    if (event.key === 'Escape') return onSelect(null)
    if (step === undefined || at.start === undefined) return
    event.preventDefault()
    const words = pieces.filter(({ isWord }) => isWord)
    const next = words[words.findIndex(({ start }) => start === Number(at.start)) + step]
    if (next === undefined) return
    place.current?.querySelector<HTMLElement>(`[data-start="${next.start}"]`)?.focus()
    if (!event.shiftKey) return
    const from = selected ?? { start: Number(at.start), end: Number(at.end) }
    onSelect({ start: Math.min(from.start, next.start), end: Math.max(from.end, next.end) })
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the words inside are the buttons; this hears where a drag ends
    <div
      ref={place}
      className="whitespace-pre-wrap break-words font-mono text-[0.875rem] leading-7"
      onMouseUp={takeSelection}
      onKeyDown={move}
    >
      {pieces.map((piece) =>
        piece.isWord ? (
          <Word
            key={piece.start}
            piece={piece}
            isMarked={marks.some((mark) => overlaps(mark, piece))}
            isSelected={selected !== null && overlaps(selected, piece)}
            isFirst={piece === first}
            onSelect={onSelect}
          />
        ) : (
          <Space key={piece.start} piece={piece} isSelected={selected !== null && overlaps(selected, piece)} />
        ),
      )}
    </div>
  )
}

const Word = memo(function Word({
  piece,
  isMarked,
  isSelected,
  isFirst,
  onSelect,
}: {
  piece: Piece
  isMarked: boolean
  isSelected: boolean
  isFirst: boolean
  onSelect: (span: Span | null) => void
}) {
  const take = () => onSelect({ start: piece.start, end: piece.end })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element would not wrap as words of a text do
    <span
      role="button"
      // One stop for the tabulator in the whole text; arrows go from word to word.
      tabIndex={isFirst || isSelected ? 0 : -1}
      aria-pressed={isSelected}
      data-start={piece.start}
      data-end={piece.end}
      className={`rounded-sm decoration-accent underline-offset-4 hover:bg-sunken ${
        isSelected ? 'bg-accent-soft underline decoration-3' : isMarked ? 'underline decoration-1' : ''
      }`}
      onClick={take}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        take()
      }}
    >
      {piece.text}
    </span>
  )
})

const Space = memo(function Space({ piece, isSelected }: { piece: Piece; isSelected: boolean }) {
  return <span className={isSelected ? 'bg-accent-soft' : ''}>{piece.text}</span>
})

/** The word that holds a node of the page's own selection. */
function offsetOf(node: Node | null): Span | null {
  const element = node instanceof HTMLElement ? node : (node?.parentElement ?? null)
  const word = element?.closest<HTMLElement>('[data-start]') ?? (element?.nextElementSibling as HTMLElement | null)
  if (word?.dataset.start === undefined) return null
  return { start: Number(word.dataset.start), end: Number(word.dataset.end) }
}
