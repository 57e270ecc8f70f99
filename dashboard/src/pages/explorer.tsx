import { type ReactNode, useMemo, useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { ago, count, open, shortHex } from '../app/format.ts'
import { AnswerLink, ContributorLink, DatanetLink, ModelLink } from '../components/entity-links.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { type EventsData, events } from '../generated/events.ts'

const CONTRACTS = [
  'all',
  'LineageRegistry',
  'InferenceEscrow',
  'RewardDistributor',
  'RootCourt',
  'OpenGovernor',
] as const
type Fact = { key: string; contract: string; atMs: number; sentence: ReactNode; transaction: string | null }

export function ExplorerPage() {
  const query = useOperation(events, {}, { everyMs: 5_000 })
  const [contract, setContract] = useState<string>('all')
  return (
    <>
      <PageHeader title="Explorer" lead="What happened on chain, a sentence each, newest first." />
      <Section
        title="Newest"
        from={{ source: 'index', block: query.data?._meta.block ?? null }}
        actions={
          <label className="flex items-center gap-2 text-muted text-sm">
            Contract
            <select className="field" value={contract} onChange={(event) => setContract(event.target.value)}>
              {CONTRACTS.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        }
      >
        <Loaded query={query} lines={10}>
          {(data) => <Facts data={data} contract={contract} />}
        </Loaded>
      </Section>
    </>
  )
}

function Facts({ data, contract }: { data: EventsData; contract: string }) {
  const all = useMemo(() => factsOf(data), [data])
  const shown = all.filter((fact) => contract === 'all' || fact.contract === contract)
  if (shown.length === 0) return <Empty title="Nothing happened there yet" />
  return (
    <ol className="divide-y divide-line">
      {shown.map(({ key, sentence, atMs, contract: where, transaction }) => (
        <li key={key} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-3">
          <span className="min-w-0 grow basis-72">{sentence}</span>
          <span className="numeric flex flex-wrap items-center gap-3 text-muted text-xs">
            <span>{where}</span>
            {transaction !== null && <Hex value={transaction} what="transaction hash" />}
            <time dateTime={new Date(atMs).toISOString()}>{ago(atMs)}</time>
          </span>
        </li>
      ))}
    </ol>
  )
}

function factsOf({ contributions, models, claims, answers, votes, epochs }: EventsData): Fact[] {
  const facts: Fact[] = [
    ...contributions.nodes.map((row) => ({
      key: `contribution ${row.id}`,
      contract: 'LineageRegistry',
      atMs: Number(row.timestamp) * 1000,
      transaction: row.transactionHash,
      sentence: (
        <>
          <ContributorLink {...row.contributor} /> gave {count(row.recordCount)} records to{' '}
          <DatanetLink {...row.datanet} />.
        </>
      ),
    })),
    ...models.nodes.map((row) => ({
      key: `model ${row.id}`,
      contract: 'LineageRegistry',
      atMs: Number(row.timestamp) * 1000,
      transaction: null,
      sentence: (
        <>
          {shortHex(row.owner)} registered the {row.kind.toLowerCase()} <ModelLink {...row} />.
        </>
      ),
    })),
    ...answers.nodes.map((row) => ({
      key: `answer ${row.receiptHash}`,
      contract: 'InferenceEscrow',
      atMs: Number(row.timestampMs),
      transaction: row.settlementTransaction,
      sentence: (
        <>
          {row.payer === null ? 'Somebody' : shortHex(row.payer)} paid {open(row.priceWei, 6)} OPEN for{' '}
          <AnswerLink receiptHash={row.receiptHash}>an answer</AnswerLink>
          {row.model === null ? '' : ' of '}
          {row.model !== null && <ModelLink {...row.model} />}.
        </>
      ),
    })),
    ...claims.nodes.map((row) => ({
      key: `claim ${row.transactionHash} ${row.account}`,
      contract: 'RewardDistributor',
      atMs: Number(row.timestamp) * 1000,
      transaction: row.transactionHash,
      sentence: (
        <>
          <ContributorLink account={row.account} name="" /> was paid {open(row.amountWei)} OPEN
          {row.to === row.account ? '' : ` at ${shortHex(row.to)}`}.
        </>
      ),
    })),
    ...epochs.nodes.map((row) => ({
      key: `epoch ${row.number}`,
      contract: 'RootCourt',
      atMs: Number(row.timestamp) * 1000,
      transaction: row.transactionHash,
      sentence: (
        <>
          {shortHex(row.proposer)} proposed epoch {row.number}, which pays for{' '}
          {row.answerCount === 1 ? 'one answer' : `${count(row.answerCount)} answers`} up to block {count(row.toBlock)}.
        </>
      ),
    })),
    ...votes.nodes.map((row) => ({
      key: `vote ${row.transactionHash} ${row.voter}`,
      contract: 'OpenGovernor',
      atMs: Number(row.timestamp) * 1000,
      transaction: row.transactionHash,
      sentence: (
        <>
          {shortHex(row.voter)} voted {row.support.toLowerCase()} a proposal.
        </>
      ),
    })),
  ]
  return facts.sort((a, b) => b.atMs - a.atMs)
}
