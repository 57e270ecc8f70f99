import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { tellError } from '../api/api-error.ts'
import { Icon } from './icon.tsx'

/** What was asked for, or why it is not there yet: loading, failed, or empty. */
export function Loaded<Data>({
  query,
  children,
  lines = 4,
}: {
  query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>
  children: (data: Data) => ReactNode
  /** Height of the placeholder, so that the page does not jump. */
  lines?: number
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return <Loading lines={lines} />
}

const WIDTHS = ['w-11/12', 'w-3/4', 'w-5/6', 'w-2/3']

export function Loading({ lines = 4, what = 'Loading' }: { lines?: number; what?: string }) {
  return (
    <div role="status" className="space-y-3 py-2">
      <span className="sr-only">{what}…</span>
      {Array.from({ length: lines }, (_, line) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are alike and never move
          key={line}
          className={`h-3.5 animate-pulse rounded bg-sunken ${WIDTHS[line % WIDTHS.length]}`}
        />
      ))}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-lg border border-line border-dashed px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mx-auto mt-1 max-w-prose text-muted text-sm">{children}</div>}
    </div>
  )
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { code, message, nextStep } = tellError(error)
  return (
    <div role="alert" className="rounded-lg border border-bad/40 bg-bad-soft px-4 py-3 text-sm">
      <p className="flex items-center gap-2 font-medium text-bad">
        <Icon name="warning" />
        {message}
      </p>
      <p className="mt-1 text-ink">{nextStep}</p>
      <p className="mt-2 flex flex-wrap items-center gap-3">
        <code className="text-muted text-xs">{code}</code>
        {onRetry !== undefined && (
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
    </div>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'neutral'
const TONES: Record<Tone, string> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  neutral: 'bg-sunken text-muted',
}
const MARKS = { good: 'check', warn: 'warning', bad: 'cross' } as const

/** A state in a word; the mark and the word say it, the colour repeats it. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 whitespace-nowrap rounded-full px-2 py-0.5 font-medium text-xs ${TONES[tone]}`}
    >
      {tone !== 'neutral' && <Icon name={MARKS[tone]} size={13} />}
      {children}
    </span>
  )
}
