import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '../api/ask.ts'
import { type Metrics, quantile, readMetrics } from '../api/metrics.ts'
import { useOperation } from '../api/use-operation.ts'
import { ago, bytes, count, open } from '../app/format.ts'
import { DataTable } from '../components/data-table.tsx'
import { AnswerLink, ModelLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Loaded } from '../components/states.tsx'
import { nodeServed } from '../generated/node-served.ts'

type Served = {
  id: string
  parent: string | null
  openledger: {
    modelId: string
    kind: string
    loaded: boolean
    pinned: boolean
    price: { promptWei: string; completionWei: string }
  }
}

export function NodePage() {
  const about = useQuery({
    queryKey: ['node'],
    queryFn: () => fetchJson<{ account?: string; node?: string; address?: string }>('/inference/v1/node'),
  })
  const account = about.data?.account ?? about.data?.node ?? about.data?.address
  return (
    <>
      <PageHeader
        title="Node"
        lead={
          account === undefined ? (
            'The inference node behind this api.'
          ) : (
            <Hex value={account} what="node’s account" ends={8} />
          )
        }
      />
      <div className="space-y-6">
        <Now />
        <Adapters />
        {account !== undefined && <Receipts account={account} />}
      </div>
    </>
  )
}

const FROM = { source: 'node' } as const
const ms = (seconds: number | null) =>
  seconds === null ? '–' : Number.isFinite(seconds) ? `≤ ${count(Math.round(seconds * 1000))}` : '> 30,000'

function Now() {
  const query = useQuery({
    queryKey: ['node-metrics'],
    queryFn: ({ signal }) => readMetrics('/inference/metrics', signal),
    refetchInterval: 3_000,
  })
  return (
    <Section title="Now" from={FROM} note="Since the node started; refreshed every three seconds.">
      <Loaded query={query}>
        {(metrics) => (
          <div className="space-y-6">
            <Figures>
              <Figure
                name="Rows in the batch"
                value={count(metrics.value('openledger_active_rows') ?? 0)}
                unit="now"
                from={FROM}
              />
              <Figure name="Mean batch" value={meanBatch(metrics)} unit="rows a step" from={FROM} />
              <Figure
                name="Waiting"
                value={count(metrics.value('openledger_waiting_requests') ?? 0)}
                unit="requests"
                from={FROM}
              />
              <Figure
                name="Adapters in memory"
                value={count(metrics.value('openledger_adapters_loaded') ?? 0)}
                unit=""
                from={FROM}
                note={bytes(metrics.value('openledger_adapter_bytes') ?? 0)}
              />
              <Figure name="Adapter hits" value={hitRate(metrics)} unit="" from={FROM} />
              <Figure
                name="Unsettled receipts"
                value={count(metrics.value('openledger_unsettled_receipts') ?? 0)}
                unit=""
                from={FROM}
              />
            </Figures>
            <Latencies metrics={metrics} />
          </div>
        )}
      </Loaded>
    </Section>
  )
}

function meanBatch(metrics: Metrics): string {
  const steps = metrics.value('openledger_engine_steps_total') ?? 0
  return steps === 0 ? '–' : ((metrics.value('openledger_engine_row_steps_total') ?? 0) / steps).toFixed(1)
}

function hitRate(metrics: Metrics): string {
  const [hits, misses] = [
    metrics.value('openledger_adapter_hits') ?? 0,
    metrics.value('openledger_adapter_misses') ?? 0,
  ]
  return hits + misses === 0 ? '–' : `${((100 * hits) / (hits + misses)).toFixed(1)} %`
}

const LATENCIES = [
  { name: 'In the queue', metric: 'openledger_queue_seconds' },
  { name: 'To the first token', metric: 'openledger_first_token_seconds' },
  { name: 'Between tokens', metric: 'openledger_inter_token_seconds' },
  { name: 'Whole answer', metric: 'openledger_answer_seconds' },
] as const

function Latencies({ metrics }: { metrics: Metrics }) {
  const rows = LATENCIES.map(({ name, metric }) => ({ name, histogram: metrics.histogram(metric) }))
  return (
    <DataTable
      caption="Latencies"
      rows={rows}
      file="node-latencies"
      columns={[
        { name: 'Time', value: ({ name }) => name },
        { name: 'Samples', numeric: true, value: ({ histogram }) => histogram.count },
        ...([0.5, 0.95, 0.99] as const).map((part) => ({
          name: `p${part * 100}`,
          unit: 'ms',
          numeric: true,
          value: ({ histogram }: (typeof rows)[number]) => quantile(histogram, part),
          show: ({ histogram }: (typeof rows)[number]) => ms(quantile(histogram, part)),
        })),
      ]}
    />
  )
}

function Adapters() {
  const query = useQuery({
    queryKey: ['node-models'],
    queryFn: () => fetchJson<{ data: Served[] }>('/inference/v1/models'),
    refetchInterval: 10_000,
  })
  return (
    <Section
      title="Models it serves"
      note="Loaded ones are in memory; the others come from disk or the content store when they are asked."
      from={FROM}
    >
      <Loaded query={query}>
        {({ data }) => (
          <DataTable
            caption="Models that the node serves"
            rows={data}
            file="node-models"
            columns={[
              {
                name: 'Model',
                value: ({ id }) => id,
                show: ({ id, openledger }) => <ModelLink id={openledger.modelId} name={id} />,
              },
              { name: 'Kind', value: ({ openledger }) => openledger.kind },
              {
                name: 'Tier',
                value: ({ openledger }) => tierOf(openledger),
                show: ({ openledger }) => (
                  <Badge tone={openledger.loaded ? 'good' : 'neutral'}>{tierOf(openledger)}</Badge>
                ),
              },
              {
                name: 'Prompt',
                unit: 'OPEN per million tokens',
                numeric: true,
                value: ({ openledger }) => BigInt(openledger.price.promptWei),
                show: ({ openledger }) => open(openledger.price.promptWei),
              },
              {
                name: 'Completion',
                unit: 'OPEN per million tokens',
                numeric: true,
                wide: true,
                value: ({ openledger }) => BigInt(openledger.price.completionWei),
                show: ({ openledger }) => open(openledger.price.completionWei),
              },
            ]}
          />
        )}
      </Loaded>
    </Section>
  )
}

function tierOf({ loaded, pinned }: Served['openledger']): string {
  if (!loaded) return 'on disk'
  return pinned ? 'in memory, pinned' : 'in memory'
}

function Receipts({ account }: { account: string }) {
  const query = useOperation(nodeServed, { account: account.toLowerCase() }, { everyMs: 10_000 })
  return (
    <Section
      title="Receipts on chain"
      note="The newest fifty. Anybody can replay them."
      from={{ source: 'index', block: query.data?._meta.block ?? null }}
    >
      <Loaded query={query}>
        {({ inferenceNode: { answers, earnedWei } }) => (
          <div className="space-y-4">
            <p className="numeric text-sm">
              <span className="text-muted">Earned as a node:</span> {open(earnedWei)} OPEN
            </p>
            <DataTable
              caption="Receipts on chain"
              rows={answers.nodes}
              file="receipts"
              empty="No receipt is anchored yet"
              columns={[
                { name: 'Sequence', numeric: true, value: ({ sequence }) => BigInt(sequence) },
                {
                  name: 'Receipt',
                  value: ({ receiptHash }) => receiptHash,
                  show: ({ receiptHash }) => <AnswerLink receiptHash={receiptHash} />,
                },
                {
                  name: 'Model',
                  value: ({ model }) => model?.name ?? '',
                  show: ({ model }) => (model === null ? 'unknown' : <ModelLink {...model} />),
                },
                {
                  name: 'Tokens',
                  numeric: true,
                  wide: true,
                  value: (row) => BigInt(row.promptTokens) + BigInt(row.completionTokens),
                },
                {
                  name: 'Price',
                  unit: 'OPEN',
                  numeric: true,
                  value: ({ priceWei }) => BigInt(priceWei),
                  show: ({ priceWei }) => open(priceWei, 6),
                },
                {
                  name: 'When',
                  value: ({ timestampMs }) => Number(timestampMs),
                  show: ({ timestampMs }) => ago(Number(timestampMs)),
                },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Section>
  )
}
