import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { fetchJson } from '../api/ask.ts'
import { useOperation } from '../api/use-operation.ts'
import { ago, count, open } from '../app/format.ts'
import { Chart, type ChartInk } from '../components/chart.tsx'
import { DataTable } from '../components/data-table.tsx'
import { AnswerLink, ContributorLink, DatanetLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { PageHeader, Section, type Source } from '../components/section.tsx'
import { Badge, Empty, Loaded } from '../components/states.tsx'
import { type OverviewData, overview } from '../generated/overview.ts'

const REFRESH_MS = 5_000
const DAY_S = 86_400
const PAYOUTS = '{ payoutSums(interval: day, first: 30, current: include) { timestamp amountWei claimCount } }'

export function OverviewPage() {
  const query = useOperation(overview, {}, { everyMs: REFRESH_MS })
  const from: Source = { source: 'index', block: query.data?._meta.block ?? null }
  return (
    <>
      <PageHeader
        title="Overview"
        lead="Every paid answer is traced to the records that shaped it, and the people who contributed them are paid."
      />
      <div className="space-y-6">
        <Section title="So far" from={from}>
          <Loaded query={query} lines={3}>
            {({ totals }) => (
              <Figures>
                <Figure name="Paid for answers" value={open(totals.settledWei)} unit="OPEN" from={from} />
                <Figure
                  name="To contributors"
                  value={open(totals.contributorsWei)}
                  unit="OPEN"
                  from={from}
                  note={`${open(totals.paidWei)} OPEN of it claimed`}
                />
                <Figure name="Answers" value={count(totals.answers)} unit="settled" from={from} />
                <Figure name="Records" value={count(totals.records)} unit="contributed" from={from} />
                <Figure name="Contributors" value={count(totals.contributors)} unit="accounts" from={from} />
                <Figure name="Models" value={count(totals.models)} unit="registered" from={from} />
              </Figures>
            )}
          </Loaded>
        </Section>
        <div className="grid gap-6 xl:grid-cols-[3fr_2fr]">
          <Section
            title="Newest answers and who they pay"
            note="Each answer links to the records that shaped it."
            from={from}
          >
            <Loaded query={query} lines={8}>
              {({ answers }) => <Ticker answers={answers.nodes} />}
            </Loaded>
          </Section>
          <div className="space-y-6">
            <Section title="The newest root" note="The list of who is granted what, as one hash on chain." from={from}>
              <Loaded query={query} lines={3}>
                {({ epochs }) => <NewestRoot epoch={epochs.nodes[0]} />}
              </Loaded>
            </Section>
            <Section title="Largest Datanets" from={from}>
              <Loaded query={query} lines={5}>
                {({ datanets }) => (
                  <DataTable
                    caption="Largest Datanets"
                    rows={datanets.nodes}
                    empty="No Datanet yet"
                    columns={[
                      { name: 'Datanet', value: ({ name }) => name, show: (row) => <DatanetLink {...row} /> },
                      { name: 'Records', numeric: true, value: ({ recordCount }) => BigInt(recordCount) },
                      { name: 'Contributors', numeric: true, value: ({ contributorCount }) => contributorCount },
                    ]}
                  />
                )}
              </Loaded>
            </Section>
          </div>
        </div>
        <div className="grid gap-6 xl:grid-cols-2">
          <Earners query={query} from={from} />
          <Section title="OPEN claimed per day" from={from}>
            <PaidPerDay />
          </Section>
        </div>
      </div>
    </>
  )
}

type Answers = OverviewData['answers']['nodes']

function Ticker({ answers }: { answers: Answers }) {
  if (answers.length === 0) return <Empty title="No answer has been settled yet">Ask a model in the playground.</Empty>
  return (
    <ol className="divide-y divide-line">
      {answers.slice(0, 8).map((answer) => (
        <li key={answer.receiptHash} className="flex items-start justify-between gap-4 py-3 first:pt-0 last:pb-0">
          <div className="min-w-0">
            <p className="truncate font-mono text-xs">
              <AnswerLink receiptHash={answer.receiptHash}>{snippet(answer.text)}</AnswerLink>
            </p>
            <p className="mt-1 truncate text-muted text-xs">
              {answer.model?.name ?? 'base'} → {payees(answer)}
            </p>
          </div>
          <p className="numeric shrink-0 text-right text-sm">
            {open(answer.priceWei)} OPEN
            <span className="block text-muted text-xs">{ago(Number(answer.timestampMs))}</span>
          </p>
        </li>
      ))}
    </ol>
  )
}

function snippet(text: string | null): string {
  const flat = (text ?? '').replace(/\s+/g, ' ').trim()
  return flat === '' ? 'an answer' : flat.slice(0, 90)
}

function payees({ shares, poolWei }: Answers[number]): string {
  if (poolWei === null) return 'paid with the next epoch'
  const names = [...new Set(shares.map(({ contributor }) => contributor.name || 'an account'))]
  return names.length === 0 ? 'the reserve: no record lowered its loss' : names.join(', ')
}

function NewestRoot({ epoch }: { epoch: OverviewData['epochs']['nodes'][number] | undefined }) {
  if (epoch === undefined) return <Empty title="No epoch has been closed yet" />
  const opensInMs = Number(epoch.opensAt) * 1000
  return (
    <div className="space-y-2 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">Epoch {count(epoch.number)}</span>
        {epoch.isLive ? (
          <Badge tone="good">pays</Badge>
        ) : epoch.status === 'Rejected' ? (
          <Badge tone="bad">rejected</Badge>
        ) : (
          <Badge tone="warn">opens {ago(opensInMs)}, may be challenged until then</Badge>
        )}
      </p>
      <p className="numeric text-muted">
        Grants {open(epoch.totalWei)} OPEN in {count(epoch.leafCount)} leaves.
      </p>
      <p className="break-all font-mono text-muted text-xs">{epoch.root}</p>
    </div>
  )
}

function Earners({
  query,
  from,
}: {
  query: ReturnType<typeof useOperation<Record<string, never>, OverviewData>>
  from: Source
}) {
  const rows = query.data?.contributors.nodes
  const earners = useMemo(
    () => [...(rows ?? [])].sort((a, b) => (BigInt(a.earnedWei) < BigInt(b.earnedWei) ? 1 : -1)),
    [rows],
  )
  return (
    <Section title="Contributors with most records" from={from}>
      <Loaded query={query} lines={6}>
        {() => (
          <DataTable
            caption="Contributors"
            rows={earners}
            file="contributors"
            empty="Nobody has contributed yet"
            columns={[
              { name: 'Contributor', value: ({ name }) => name, show: (row) => <ContributorLink {...row} /> },
              { name: 'Records', numeric: true, value: ({ recordCount }) => BigInt(recordCount) },
              {
                name: 'Earned',
                unit: 'OPEN',
                numeric: true,
                value: ({ earnedWei }) => BigInt(earnedWei),
                show: ({ earnedWei }) => open(earnedWei),
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  )
}

type Day = { day: string; claimedWei: bigint; claims: number }

/** By the index's own sums a day, which the chain's clock makes. */
function PaidPerDay() {
  const query = useQuery({ queryKey: ['payout-days'], queryFn: readDays, refetchInterval: 30_000 })
  return (
    <Loaded query={query} lines={8}>
      {(days) => (days.length === 0 ? <Empty title="Nothing has been claimed yet" /> : <DaysChart days={days} />)}
    </Loaded>
  )
}

async function readDays(): Promise<Day[]> {
  const { data } = await fetchJson<{
    data: { payoutSums: { timestamp: string; amountWei: string; claimCount: string }[] }
  }>('/subgraph', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: PAYOUTS }),
  })
  return data.payoutSums
    .map(({ timestamp, amountWei, claimCount }) => ({
      day: new Date(Math.floor(Number(timestamp) / 1e6 / DAY_S) * DAY_S * 1000).toISOString().slice(0, 10),
      claimedWei: BigInt(amountWei),
      claims: Number(claimCount),
    }))
    .reverse()
}

function DaysChart({ days }: { days: readonly Day[] }) {
  const option = useMemo(
    () => (ink: ChartInk) => ({
      grid: { left: 56, right: 12, top: 16, bottom: 32 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: days.map(({ day }) => day), axisLine: { lineStyle: { color: ink.line } } },
      yAxis: { type: 'value', name: 'OPEN', splitLine: { lineStyle: { color: ink.line } } },
      series: [
        {
          type: 'bar',
          name: 'OPEN claimed',
          barMaxWidth: 36,
          itemStyle: { borderRadius: [3, 3, 0, 0] },
          data: days.map(({ claimedWei }) => Number(claimedWei / 10n ** 12n) / 1e6),
        },
      ],
    }),
    [days],
  )
  const last = days.at(-1)!
  return (
    <Chart
      name="OPEN claimed per day"
      summary={`${open(last.claimedWei)} OPEN in ${count(last.claims)} claims on ${last.day}, the last of ${count(days.length)} days.`}
      file="open-claimed-per-day"
      option={option}
      rows={days}
      columns={[
        { name: 'Day', unit: 'UTC', value: ({ day }) => day },
        {
          name: 'Claimed',
          unit: 'OPEN',
          numeric: true,
          value: ({ claimedWei }) => claimedWei,
          show: ({ claimedWei }) => open(claimedWei, 6),
        },
        { name: 'Claims', numeric: true, value: ({ claims }) => claims },
      ]}
    />
  )
}
