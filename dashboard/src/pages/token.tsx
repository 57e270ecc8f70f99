import { useMemo } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { ALLOCATION, type Part, termsOf } from '../app/allocation.ts'
import { ago, open, percent, shortHex } from '../app/format.ts'
import { Chart, type ChartInk } from '../components/chart.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Loaded } from '../components/states.tsx'
import { type FlowsData, flows } from '../generated/flows.ts'

type Flow = FlowsData['tokenFlows']['nodes'][number]
const SYMBOLS: Record<string, string> = { OpenToken: 'OPEN', GovernanceOpen: 'gOPEN', WrappedOpen: 'WOPEN' }
const NOBODY = `0x${'0'.repeat(40)}`

export function TokenPage() {
  const query = useOperation(flows, { first: 100, after: null }, { everyMs: 10_000 })
  return (
    <>
      <PageHeader
        title="Token"
        lead="OPEN pays for answers, rewards those whose data shaped them, stands behind agents and votes as gOPEN. 1,000,000,000 were minted once; there is no way to mint more."
      />
      <div className="space-y-6">
        <Section title="Allocation" note="Of the fixed supply of 1,000,000,000 OPEN, as the genesis table sets it.">
          <Chart
            name="Allocation of OPEN"
            summary={ALLOCATION.map(({ part, sharePpm }) => `${part} ${percent(sharePpm, 2)}`).join(', ')}
            option={allocationOption}
            rows={ALLOCATION}
            file="open-allocation"
            columns={ALLOCATION_COLUMNS}
          />
        </Section>
        <Loaded query={query} lines={8}>
          {({ tokenFlows, _meta }) => (
            <>
              <Section
                title="Flows by place"
                from={{ source: 'index', block: _meta.block }}
                note="Sums of the hundred newest moves of OPEN between people and contracts."
              >
                <FlowsBetween flows={tokenFlows.nodes} />
              </Section>
              <Section title="Newest moves" from={{ source: 'index', block: _meta.block }}>
                <DataTable
                  caption="Newest moves of tokens"
                  rows={tokenFlows.nodes}
                  file="token-flows"
                  columns={FLOW_COLUMNS}
                />
              </Section>
            </>
          )}
        </Loaded>
      </div>
    </>
  )
}

const ALLOCATION_COLUMNS: readonly Column<Part>[] = [
  { name: 'Part', value: ({ part }) => part },
  { name: 'Share', numeric: true, value: ({ sharePpm }) => sharePpm, show: ({ sharePpm }) => percent(sharePpm, 2) },
  { name: 'Comes free', value: termsOf },
]

function allocationOption(ink: ChartInk) {
  return {
    tooltip: { trigger: 'item' },
    series: [
      {
        type: 'pie',
        radius: ['52%', '82%'],
        itemStyle: { borderColor: ink.surface, borderWidth: 2 },
        label: { color: ink.ink, formatter: '{b}  {d} %' },
        data: ALLOCATION.map(({ part, sharePpm }) => ({ name: part, value: sharePpm })),
      },
    ],
  }
}

function FlowsBetween({ flows: all }: { flows: readonly Flow[] }) {
  const rows = useMemo(() => {
    const sums = new Map<string, { from: string; to: string; wei: bigint; moves: number }>()
    for (const flow of all) {
      if (flow.token !== 'OpenToken') continue
      const [from, to] = [placeOf(flow.from, flow.fromContract), placeOf(flow.to, flow.toContract)]
      const sum = sums.get(`${from}→${to}`) ?? { from, to, wei: 0n, moves: 0 }
      sums.set(`${from}→${to}`, { ...sum, wei: sum.wei + BigInt(flow.amountWei), moves: sum.moves + 1 })
    }
    return [...sums.values()].sort((a, b) => (a.wei < b.wei ? 1 : -1))
  }, [all])
  return (
    <DataTable
      caption="Flows by place"
      rows={rows}
      file="token-flows-by-place"
      columns={[
        { name: 'From', value: ({ from }) => from },
        { name: 'To', value: ({ to }) => to },
        { name: 'Moves', numeric: true, value: ({ moves }) => moves },
        { name: 'Amount', unit: 'OPEN', numeric: true, value: ({ wei }) => wei, show: ({ wei }) => open(wei) },
      ]}
    />
  )
}

function placeOf(account: string, contract: string | null): string {
  if (account === NOBODY) return 'mint or burn'
  return contract ?? 'people'
}

const FLOW_COLUMNS: readonly Column<Flow>[] = [
  { name: 'When', value: ({ timestamp }) => Number(timestamp), show: ({ timestamp }) => ago(Number(timestamp) * 1000) },
  {
    name: 'From',
    value: ({ from, fromContract }) => fromContract ?? from,
    show: ({ from, fromContract }) => fromContract ?? shortHex(from),
  },
  {
    name: 'To',
    value: ({ to, toContract }) => toContract ?? to,
    show: ({ to, toContract }) => toContract ?? shortHex(to),
  },
  {
    name: 'Amount',
    numeric: true,
    value: ({ amountWei }) => BigInt(amountWei),
    show: ({ amountWei, token }) => `${open(amountWei)} ${SYMBOLS[token] ?? token}`,
  },
  { name: 'Block', numeric: true, wide: true, value: ({ blockNumber }) => BigInt(blockNumber) },
  {
    name: 'Transaction',
    wide: true,
    value: ({ transactionHash }) => transactionHash,
    show: ({ transactionHash }) => <Hex value={transactionHash} what="transaction hash" />,
  },
]
