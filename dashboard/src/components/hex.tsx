import { useState } from 'react'
import { shortHex } from '../app/format.ts'
import { Icon } from './icon.tsx'

/** A hash or address, shortened, with a button that copies the whole. */
export function Hex({ value, what = 'value', ends = 4 }: { value: string; what?: string; ends?: number }) {
  return (
    <span className="inline-flex items-center gap-1">
      <code className="numeric text-[0.85em]" title={value}>
        {shortHex(value, ends)}
      </code>
      <Copy text={value} what={what} />
    </span>
  )
}

/** Copies a text; says so where it was pressed and to screen readers. */
export function Copy({ text, what, label }: { text: string; what: string; label?: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <button
      type="button"
      className={label === undefined ? 'rounded p-1 text-muted hover:text-ink' : 'button'}
      onClick={() => void copy()}
    >
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      {label !== undefined && <span>{isCopied ? 'Copied' : label}</span>}
      <span className="sr-only" aria-live="polite">
        {isCopied ? `${what} copied` : label === undefined ? `Copy ${what}` : ''}
      </span>
    </button>
  )
}
