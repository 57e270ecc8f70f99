import { type ReactNode, useState } from 'react'
import { ContributorLink, RecordLink } from '../components/entity-links.tsx'
import { Marked } from './marked.tsx'
import type { Span } from './words.ts'

/** A record as evidence: whose it is, what it says, where it speaks of what was asked. */
export function RecordCard({
  record,
  contributor,
  marks,
  figures,
  children,
}: {
  record: { digest: string; title: string; text: string | null; licence: string } | null
  contributor: { account: string; name: string }
  marks: readonly Span[]
  /** Numbers of this record, at the head's right. */
  figures?: ReactNode
  /** What can be done with it. */
  children?: ReactNode
}) {
  const [isWhole, setWhole] = useState(false)
  return (
    <li className="rounded-lg border border-line p-4">
      <div className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <p className="break-words font-medium text-sm">
            {record === null ? 'A record that is gone' : <RecordLink digest={record.digest} title={record.title} />}
          </p>
          <p className="mt-0.5 text-muted text-xs">
            by <ContributorLink {...contributor} />
            {record !== null && <> · {record.licence}</>}
          </p>
        </div>
        {figures !== undefined && <div className="shrink-0 text-right">{figures}</div>}
      </div>
      {record?.text != null && (
        <>
          <div className={`mt-3 overflow-hidden rounded-md bg-sunken px-3 py-2 ${isWhole ? '' : 'max-h-28'}`}>
            <Marked text={record.text} marks={marks} />
          </div>
          {record.text.length > 200 && (
            <button
              type="button"
              className="link mt-1 text-xs"
              aria-expanded={isWhole}
              onClick={() => setWhole(!isWhole)}
            >
              {isWhole ? 'Less' : 'Whole record'}
              <span className="sr-only"> of {record.title}</span>
            </button>
          )}
        </>
      )}
      {children !== undefined && <div className="mt-3">{children}</div>}
    </li>
  )
}
