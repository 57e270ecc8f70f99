import { useMemo, useState } from 'react'
import { open, percent } from '../app/format.ts'
import { DatanetLink } from '../components/entity-links.tsx'
import { Empty } from '../components/states.tsx'
import type { AnswerData } from '../generated/answer.ts'
import { ClaimFor } from './claim-for.tsx'
import { RecordCard } from './record-card.tsx'
import { overlaps, type Span, wordsIn } from './words.ts'

export type Answer = NonNullable<AnswerData['answer']>
export type EvidenceKind = 'influence' | 'verbatim' | 'retrieval'

const KINDS: readonly { kind: EvidenceKind; name: string; about: string }[] = [
  {
    kind: 'influence',
    name: 'Influence',
    about:
      'Training on these records lowered the loss of this answer. It is measured for the answer as a whole, and only it is paid.',
  },
  {
    kind: 'verbatim',
    name: 'Verbatim',
    about: 'Spans of the answer that stand word for word in the corpus. Shown, not paid.',
  },
  { kind: 'retrieval', name: 'Retrieval', about: 'Records that were put into the prompt.' },
]
/** Records that are shown at first. */
const SHOWN = 5

/** Why an answer says what it says, in three kinds that are never mixed. */
export function EvidencePanel({
  answer,
  kind,
  onKind,
  selected,
  onClear,
}: {
  answer: Answer
  kind: EvidenceKind
  onKind: (kind: EvidenceKind) => void
  selected: Span | null
  onClear: () => void
}) {
  const phrase = selected === null ? '' : (answer.text ?? '').slice(selected.start, selected.end)
  return (
    <div>
      <div role="tablist" aria-label="Kinds of evidence" className="grid grid-cols-3 gap-1 rounded-lg bg-sunken p-1">
        {KINDS.map((one) => (
          <button
            key={one.kind}
            type="button"
            role="tab"
            id={`tab-${one.kind}`}
            aria-selected={kind === one.kind}
            aria-controls="evidence-panel"
            tabIndex={kind === one.kind ? 0 : -1}
            className="rounded-md px-3 py-1.5 text-muted text-sm aria-selected:bg-surface aria-selected:font-medium aria-selected:text-ink aria-selected:shadow-card"
            onClick={() => onKind(one.kind)}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: 2 }[event.key]
              if (step === undefined) return
              const next = KINDS[(KINDS.findIndex(({ kind: each }) => each === kind) + step) % KINDS.length]!.kind
              onKind(next)
              document.getElementById(`tab-${next}`)?.focus()
            }}
          >
            {one.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="evidence-panel" aria-labelledby={`tab-${kind}`} className="mt-4">
        <p className="text-muted text-sm">{KINDS.find((one) => one.kind === kind)!.about}</p>
        <p aria-live="polite" className="mt-2 min-h-6 text-sm">
          {selected === null ? (
            <span className="text-muted">Click a word of the answer, or drag over a span.</span>
          ) : (
            <>
              Selected:{' '}
              <q className="break-words font-mono text-xs">{phrase.length > 80 ? `${phrase.slice(0, 80)}…` : phrase}</q>{' '}
              <button type="button" className="link text-xs" onClick={onClear}>
                Clear
              </button>
            </>
          )}
        </p>
        {kind === 'influence' && <InfluenceList answer={answer} phrase={phrase} />}
        {kind === 'verbatim' && <VerbatimList answer={answer} selected={selected} />}
        {kind === 'retrieval' && <RetrievalList answer={answer} phrase={phrase} />}
      </div>
    </div>
  )
}

function InfluenceList({ answer, phrase }: { answer: Answer; phrase: string }) {
  const [shown, setShown] = useState(SHOWN)
  const earnedWei = useMemo(() => {
    const amounts = new Map<string, bigint>()
    for (const { record, amountWei } of answer.shares) {
      if (record !== null) amounts.set(record.digest, (amounts.get(record.digest) ?? 0n) + BigInt(amountWei))
    }
    return amounts
  }, [answer])
  const influence = answer.evidence?.influence ?? []
  const records = useMemo(
    () =>
      influence.slice(0, shown).map((one) => ({
        ...one,
        marks: one.record?.text == null || phrase === '' ? [] : wordsIn(one.record.text, phrase),
      })),
    [influence, shown, phrase],
  )
  if (records.length === 0) {
    return (
      <Empty title="No record lowered the loss of this answer">
        Its contributors’ part goes to the reserve, in the open.
      </Empty>
    )
  }
  return (
    <>
      <ol className="mt-3 space-y-3" aria-label="Records by influence" data-evidence="influence">
        {records.map(({ canonical, record, contributor, sharePpm, mean, standardError, marks }) => (
          <RecordCard
            key={canonical}
            record={record}
            contributor={contributor}
            marks={marks}
            figures={
              <Share sharePpm={sharePpm} mean={mean} standardError={standardError} wei={earnedWei.get(canonical)} />
            }
          >
            <RecordDetails record={record} contributor={contributor} />
          </RecordCard>
        ))}
      </ol>
      {influence.length > shown && (
        <button type="button" className="button mt-3 w-full" onClick={() => setShown(shown + 10)}>
          More of {answer.evidence!.influenceCount} records
        </button>
      )}
    </>
  )
}

/** Asked for only when it is opened. */
function RecordDetails({ record, contributor }: Pick<Influence, 'record' | 'contributor'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="link inline text-xs">
        Datanet, contributor’s rewards<span className="sr-only"> of {record?.title ?? 'this record'}</span>
      </summary>
      {isOpen && (
        <div className="mt-2 space-y-2">
          {record !== null && (
            <p className="text-sm">
              <span className="text-muted">In Datanet</span> <DatanetLink {...record.datanet} />
            </p>
          )}
          <ClaimFor account={contributor.account} />
        </div>
      )}
    </details>
  )
}

type Influence = NonNullable<Answer['evidence']>['influence'][number]

/** Share of the answer's pool, its uncertainty over training seeds, and what it came to. */
function Share({
  sharePpm,
  mean,
  standardError,
  wei,
}: {
  sharePpm: number
  mean: string
  standardError: string
  wei: bigint | undefined
}) {
  const relative = Number(mean) === 0 ? 0 : Math.abs(Number(standardError) / Number(mean))
  return (
    <>
      <p className="numeric font-semibold">{percent(sharePpm)}</p>
      <p className="numeric text-muted text-xs" title="Standard error of the mean score over training seeds">
        score ± {Math.round(relative * 100)} %
      </p>
      {wei !== undefined && <p className="numeric text-muted text-xs">{open(wei, 6)} OPEN</p>}
      <span className="mt-1 block h-1 w-20 overflow-hidden rounded bg-sunken" aria-hidden="true">
        <span className="block h-full bg-accent" style={{ width: `${Math.min(100, sharePpm / 2_000)}%` }} />
      </span>
    </>
  )
}

function VerbatimList({ answer, selected }: { answer: Answer; selected: Span | null }) {
  const spans = (answer.evidence?.verbatim ?? []).filter((span) => selected === null || overlaps(span, selected))
  if (spans.length === 0) {
    return (
      <Empty
        title={selected === null ? 'Nothing stands word for word in the corpus' : 'No verbatim span covers this word'}
      >
        Influence does not need equal words: look at the records that lowered the loss.
      </Empty>
    )
  }
  return (
    <ol className="mt-3 space-y-4" aria-label="Verbatim spans, rarest first" data-evidence="verbatim">
      {spans.slice(0, SHOWN).map((span) => (
        <li key={`${span.start}-${span.end}`}>
          <p className="flex items-baseline justify-between gap-3 text-sm">
            <q className="min-w-0 break-words font-mono text-xs">{span.text.trim()}</q>
            <span
              className="numeric shrink-0 text-muted text-xs"
              title="How unlikely the span’s words are; more is rarer"
            >
              {(span.surprisalMillibits / 1000).toFixed(1)} bits
            </span>
          </p>
          <ol className="mt-2 space-y-2">
            {span.documents.slice(0, SHOWN).map(({ record, start, end }) => (
              <RecordCard
                key={`${record?.digest}-${start}`}
                record={record}
                contributor={record?.contributor ?? { account: '', name: 'unknown' }}
                marks={[{ start, end }]}
              />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
}

function RetrievalList({ answer, phrase }: { answer: Answer; phrase: string }) {
  const records = answer.evidence?.retrieval ?? []
  if (records.length === 0)
    return <Empty title="Nothing was retrieved for this answer">The model answered from what it was trained on.</Empty>
  return (
    <ol className="mt-3 space-y-3">
      {records.map((record) => (
        <RecordCard
          key={record.digest}
          record={{ ...record, licence: '' }}
          contributor={record.contributor}
          marks={record.text === null ? [] : wordsIn(record.text, phrase)}
        />
      ))}
    </ol>
  )
}
