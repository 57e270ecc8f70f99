import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useEffect, useId, useMemo, useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { count, moment, open } from '../app/format.ts'
import { ModelLink } from '../components/entity-links.tsx'
import { Hex } from '../components/hex.tsx'
import { Icon } from '../components/icon.tsx'
import { Origin, PageHeader } from '../components/section.tsx'
import { Badge, Empty, Failure, Loaded, Loading } from '../components/states.tsx'
import { answer as answerOperation } from '../generated/answer.ts'
import { AnswerText } from '../playground/answer-text.tsx'
import { CopyAs, type Question } from '../playground/copy-as.tsx'
import { Deposit } from '../playground/deposit.tsx'
import { type Answer, type EvidenceKind, EvidencePanel } from '../playground/evidence.tsx'
import { priceOf, type ServedModel, useServedModels } from '../playground/models.ts'
import { AnswerProof } from '../playground/proof.tsx'
import { type Asking, useAsking } from '../playground/use-asking.ts'
import type { Span } from '../playground/words.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { useWallets } from '../wallet/wallets.ts'

/** Tokens of an answer unless told otherwise, and the most that can be asked for. */
const USUAL_TOKENS = 48
const MOST_TOKENS = 200
/** Records whose influence is asked for at once. */
const RECORDS = 30

export function PlaygroundPage() {
  const { receipt } = useSearch({ from: '/playground' })
  const navigate = useNavigate({ from: '/playground' })
  const { connected } = useWallets()
  const { asking, ask, clear } = useAsking(connected)
  const models = useServedModels()
  const given = asking.kind === 'answered' ? asking.receipt : null
  useEffect(() => {
    if (given !== null) void navigate({ search: { receipt: given }, replace: true })
  }, [given, navigate])
  const shown = asking.kind === 'idle' ? (receipt ?? null) : given
  return (
    <>
      <PageHeader
        title="Playground"
        lead="Ask a model, then click a word of its answer: see the records that shaped it, check the proof in this browser, and see who is paid."
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
        <Loaded query={models} lines={8}>
          {(served) => (
            <Conversation
              models={served}
              asking={asking}
              receipt={shown}
              onAsk={(question) => {
                if (connected === null) return askToConnect()
                void ask(question)
              }}
              onNew={() => {
                clear()
                void navigate({ search: {} })
              }}
            />
          )}
        </Loaded>
      </div>
    </>
  )
}

function Conversation({
  models,
  asking,
  receipt,
  onAsk,
  onNew,
}: {
  models: readonly ServedModel[]
  asking: Asking
  receipt: string | null
  onAsk: (question: Question) => void
  onNew: () => void
}) {
  const [selected, setSelected] = useState<Span | null>(null)
  const [kind, setKind] = useState<EvidenceKind>('influence')
  // The word that was clicked is marked at once; the lists follow as soon as it is painted.
  const evidenced = useDeferredValue(selected)
  const query = useOperation(
    answerOperation,
    { receiptHash: receipt ?? '', first: RECORDS },
    { enabled: receipt !== null, everyMs: 2_500 },
  )
  const answer = receipt === null || query.data?.answer?.receiptHash !== receipt ? null : query.data.answer
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer has other words
  useEffect(() => setSelected(null), [receipt])
  const marks = useMemo(
    () => (kind === 'verbatim' ? (answer?.evidence?.verbatim ?? []) : []),
    [kind, answer?.evidence?.verbatim],
  )
  const clearSelection = useCallback(() => setSelected(null), [])
  return (
    <>
      <div className="min-w-0 space-y-6">
        <AnswerCard
          asking={asking}
          answer={answer}
          isLoading={receipt !== null && query.isPending}
          marks={marks}
          selected={selected}
          onSelect={setSelected}
          onNew={onNew}
        />
        {receipt !== null && answer !== null && (
          <AnswerProof receiptHash={receipt} isPaid={answer.epoch?.isLive === true} />
        )}
        <Ask models={models} asking={asking} initial={answer?.model?.name ?? null} onAsk={onAsk} />
      </div>
      <section
        aria-label="Evidence"
        className="card min-w-0 p-5 sm:p-6 xl:sticky xl:top-20 xl:max-h-[calc(100dvh-6rem)] xl:overflow-y-auto"
      >
        <h2 className="mb-4 font-semibold text-base">Why this answer</h2>
        {query.error !== null && receipt !== null ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Evidence
            asking={asking}
            receipt={receipt}
            answer={answer}
            isLoading={query.isPending}
            kind={kind}
            onKind={setKind}
            selected={evidenced}
            onClear={clearSelection}
          />
        )}
        {answer !== null && <Origin source="engine" block={query.data?._meta.block ?? null} />}
      </section>
    </>
  )
}

function Evidence({
  asking,
  receipt,
  answer,
  isLoading,
  ...panel
}: {
  asking: Asking
  receipt: string | null
  answer: Answer | null
  isLoading: boolean
  kind: EvidenceKind
  onKind: (kind: EvidenceKind) => void
  selected: Span | null
  onClear: () => void
}) {
  if (receipt === null) {
    return (
      <Empty title={asking.kind === 'asking' ? 'The answer is being written' : 'No answer yet'}>
        Evidence stands here once an answer has been given and its node has settled it.
      </Empty>
    )
  }
  if (answer === null) {
    if (isLoading) return <Loading lines={5} what="Asking for the evidence" />
    return (
      <Waiting text="The receipt is signed and checked. Waiting for the node to settle it on chain and the index to read it…" />
    )
  }
  if (answer.evidence === null) {
    return <Waiting text="Settled on chain. The engine is computing which records lowered the loss of this answer…" />
  }
  return <EvidencePanel answer={answer} {...panel} />
}

function Waiting({ text }: { text: string }) {
  return (
    <div role="status" className="space-y-3 rounded-lg bg-sunken p-4 text-sm">
      <p>{text}</p>
      <div className="h-1 overflow-hidden rounded bg-line">
        <div className="h-full w-1/3 animate-pulse rounded bg-accent" />
      </div>
    </div>
  )
}

function Ask({
  models,
  asking,
  initial,
  onAsk,
}: {
  models: readonly ServedModel[]
  asking: Asking
  initial: string | null
  onAsk: (question: Question) => void
}) {
  const id = useId()
  const adapters = models.filter(({ openledger }) => openledger.kind === 'adapter')
  const [chosen, setChosen] = useState<string | null>(null)
  const [mode, setMode] = useState<Question['mode']>('chat')
  const [prompt, setPrompt] = useState('')
  const [maxTokens, setMaxTokens] = useState(USUAL_TOKENS)
  const name = chosen ?? initial ?? adapters[0]?.id ?? models[0]?.id ?? ''
  const model = models.find((one) => one.id === name)
  const isBusy = asking.kind === 'asking'
  const question: Question = { model: name, mode, prompt, maxTokens }
  const send = () => {
    if (prompt.trim() !== '' && !isBusy && model !== undefined) onAsk(question)
  }
  if (models.length === 0)
    return <Empty title="The node serves no model yet">It serves one as soon as one is registered.</Empty>
  return (
    <form
      className="card space-y-4 p-5 sm:p-6"
      aria-label="Ask a model"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="grid gap-4 sm:grid-cols-[1fr_auto_7rem]">
        <div>
          <label htmlFor={`${id}-model`} className="mb-1 block text-muted text-sm">
            Model
          </label>
          <select id={`${id}-model`} className="field" value={name} onChange={(event) => setChosen(event.target.value)}>
            {[...adapters, ...models.filter((one) => !adapters.includes(one))].map((one) => (
              <option key={one.id} value={one.id}>
                {one.id} {one.openledger.kind === 'base' ? '(base)' : `v${one.openledger.version}`}
              </option>
            ))}
          </select>
        </div>
        <fieldset>
          <legend className="mb-1 text-muted text-sm">As</legend>
          <div className="flex min-h-9 items-center gap-4">
            {(['chat', 'continue'] as const).map((one) => (
              <label key={one} className="flex items-center gap-1.5 text-sm">
                <input
                  type="radio"
                  name={`${id}-mode`}
                  className="accent-accent"
                  checked={mode === one}
                  onChange={() => setMode(one)}
                />
                {one === 'chat' ? 'Chat' : 'Continue a text'}
              </label>
            ))}
          </div>
        </fieldset>
        <div>
          <label htmlFor={`${id}-tokens`} className="mb-1 block text-muted text-sm">
            Most tokens
          </label>
          <input
            id={`${id}-tokens`}
            type="number"
            className="field numeric"
            min={1}
            max={MOST_TOKENS}
            value={maxTokens}
            onChange={(event) => setMaxTokens(Math.max(1, Math.min(MOST_TOKENS, Number(event.target.value) || 1)))}
          />
        </div>
      </div>
      <div>
        <label htmlFor={`${id}-prompt`} className="mb-1 block text-muted text-sm">
          {mode === 'chat' ? 'Your question' : 'A text to continue'}
        </label>
        <textarea
          id={`${id}-prompt`}
          rows={3}
          className="field resize-y font-mono text-sm"
          placeholder={mode === 'chat' ? 'How do I read a stream?' : 'export function '}
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
            event.preventDefault()
            send()
          }}
        />
      </div>
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="space-y-1">
          {model !== undefined && <PriceMeter model={model} asking={asking} maxTokens={maxTokens} />}
          <Deposit />
        </div>
        <button type="submit" className="button button-primary" disabled={isBusy || prompt.trim() === ''}>
          <Icon name="send" size={16} />
          {isBusy ? 'Answering…' : 'Ask'}
        </button>
      </div>
      <details className="text-sm">
        <summary className="link inline text-sm">The same for programs</summary>
        <div className="mt-3">
          <CopyAs question={question} />
        </div>
      </details>
    </form>
  )
}

/** What an answer costs: at most before it is asked, so far while it comes, exactly by its receipt. */
function PriceMeter({ model, asking, maxTokens }: { model: ServedModel; asking: Asking; maxTokens: number }) {
  const { price } = model.openledger
  const rate = `${open(price.promptWei)} + ${open(price.completionWei)} OPEN for 1,000 prompt + answer tokens`
  const now =
    asking.kind === 'asking'
      ? `about ${open(priceOf(model.openledger, 0, asking.pieces), 5)} OPEN so far, ${count(asking.pieces)} tokens`
      : asking.kind === 'answered'
        ? `${open(asking.priceWei, 5)} OPEN for ${count(asking.promptTokens)} + ${count(asking.completionTokens)} tokens, by receipt`
        : `at most ${open(priceOf(model.openledger, model.max_model_len, maxTokens), 5)} OPEN`
  return (
    <p className="numeric text-sm" title={rate}>
      <span className="text-muted">Price</span> {now}
      <span className="sr-only"> ({rate}, source: node)</span>
    </p>
  )
}

function AnswerCard({
  asking,
  answer,
  isLoading,
  marks,
  selected,
  onSelect,
  onNew,
}: {
  asking: Asking
  answer: Answer | null
  isLoading: boolean
  marks: readonly Span[]
  selected: Span | null
  onSelect: (span: Span | null) => void
  onNew: () => void
}) {
  const text = asking.kind === 'idle' ? answer?.text : asking.text
  const prompt = asking.kind === 'idle' ? answer?.prompt : asking.question.prompt
  if (asking.kind === 'idle' && answer === null) {
    if (isLoading) return <Loading lines={6} what="Loading the answer" />
    return null
  }
  return (
    <section aria-label="Answer" className="card p-5 sm:p-6">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <h2 className="font-semibold text-base">Answer</h2>
          <Stage asking={asking} answer={answer} />
        </div>
        <button type="button" className="button" onClick={onNew} disabled={asking.kind === 'asking'}>
          New question
        </button>
      </div>
      <p className="mb-3 max-h-24 overflow-y-auto whitespace-pre-wrap break-words border-line border-l-2 pl-3 font-mono text-muted text-xs leading-5">
        <span className="sr-only">Asked: </span>
        {prompt}
      </p>
      {asking.kind === 'asking' ? (
        <p role="log" aria-busy="true" className="whitespace-pre-wrap break-words font-mono text-[0.875rem] leading-7">
          {text}
          <span className="animate-pulse" aria-hidden="true">
            ▍
          </span>
        </p>
      ) : (
        <AnswerText text={text ?? ''} marks={marks} selected={selected} onSelect={onSelect} />
      )}
      {asking.kind === 'failed' && (
        <div className="mt-4">
          <Failure error={asking.error} />
        </div>
      )}
      {answer !== null && <Facts answer={answer} />}
    </section>
  )
}

function Stage({ asking, answer }: { asking: Asking; answer: Answer | null }) {
  if (asking.kind === 'asking') return <Badge>streaming</Badge>
  if (asking.kind === 'failed') return <Badge tone="bad">broken off</Badge>
  if (answer?.epoch?.isLive) return <Badge tone="good">paid out in epoch {answer.epoch.number}</Badge>
  if (answer?.epoch) return <Badge tone="warn">in epoch {answer.epoch.number}, within its challenge window</Badge>
  if (answer !== null) return <Badge tone="good">settled in block {count(answer.blockNumber)}</Badge>
  return <Badge tone="good">receipt signed and checked</Badge>
}

function Facts({ answer }: { answer: Answer }) {
  const facts: [string, React.ReactNode][] = [
    ['Model', answer.model === null ? 'base' : <ModelLink key="m" {...answer.model} />],
    ['Price', `${open(answer.priceWei, 5)} OPEN`],
    ['To contributors', answer.poolWei === null ? 'with the next epoch' : `${open(answer.poolWei, 5)} OPEN`],
    ['Tokens', `${count(answer.promptTokens)} asked + ${count(answer.completionTokens)} answered`],
    ['Given', moment(Number(answer.timestampMs))],
    ['Receipt', <Hex key="r" value={answer.receiptHash} what="receipt hash" />],
  ]
  return (
    <dl className="numeric mt-5 grid grid-cols-2 gap-x-6 gap-y-3 border-line border-t pt-4 text-sm sm:grid-cols-3">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-muted text-xs">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
