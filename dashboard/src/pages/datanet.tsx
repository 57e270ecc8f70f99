import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ask } from '../api/ask.ts'
import { useOperation } from '../api/use-operation.ts'
import { bytes, count, moment, open, percent } from '../app/format.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { ContributorLink, ModelLink, RecordLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { Hex } from '../components/hex.tsx'
import { Licence } from '../components/licence.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Failure, Loaded, Loading } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { type DatanetData, datanet } from '../generated/datanet.ts'
import { type RecordsData, records } from '../generated/records.ts'

type Datanet = NonNullable<DatanetData['datanet']>
type Contribution = Datanet['contributions']['nodes'][number]
type RecordRow = NonNullable<RecordsData['datanet']>['records']['nodes'][number]

export function DatanetPage() {
  const { id } = useParams({ from: '/datanets/$id' })
  const query = useOperation(datanet, { id, firstContributions: 100 }, { everyMs: 10_000 })
  return (
    <Loaded query={query} lines={10}>
      {(data) =>
        data.datanet === null ? (
          <Empty title="There is no such Datanet at this block" />
        ) : (
          <Card data={data} found={data.datanet} />
        )
      }
    </Loaded>
  )
}

function Card({ data, found }: { data: DatanetData; found: Datanet }) {
  const from = { source: 'index', block: data._meta.block } as const
  const usedBy = data.models.nodes.filter(({ datanets }) => datanets.some((one) => one.datanet.id === found.id))
  return (
    <>
      <PageHeader
        title={found.name}
        lead={`${found.isCurated ? 'A curated' : 'An open'} Datanet of ${found.modality.toLowerCase()} records, since ${moment(Number(found.timestamp) * 1000)}.`}
      >
        {found.isDisputed && <Badge tone="warn">disputed</Badge>}
        <Link to="/datanets/$id/contribute" params={{ id: found.id }} className="button button-primary">
          Contribute
        </Link>
      </PageHeader>
      <div className="grid gap-6 lg:grid-cols-[2fr_1fr]">
        <Section title="What it holds" from={from}>
          <Figures>
            <Figure name="Records" value={count(found.recordCount)} unit="records" from={from} />
            <Figure name="Contributors" value={count(found.contributorCount)} unit="accounts" from={from} />
            <Figure
              name="Size"
              value={bytes(found.sizeBytes).split(' ')[0]}
              unit={bytes(found.sizeBytes).split(' ')[1]!}
              from={from}
            />
            <Figure name="Version" value={count(found.version)} unit="contributions" from={from} />
          </Figures>
          <dl className="mt-6 grid gap-3 border-line border-t pt-4 text-sm sm:grid-cols-2">
            <div>
              <dt className="text-muted text-xs">Owner</dt>
              <dd>
                <Hex value={found.owner} what="owner" />
              </dd>
            </div>
            <div>
              <dt className="text-muted text-xs">Id</dt>
              <dd>
                <Hex value={found.id} what="Datanet id" ends={8} />
              </dd>
            </div>
          </dl>
        </Section>
        <Section title="Licence in plain words" note={found.licence}>
          <Licence {...found} />
        </Section>
      </div>
      <div className="card mt-6 p-5 sm:p-6">
        <Tabs
          label="About this Datanet"
          tabs={[
            { name: 'Records', show: () => <Records id={found.id} /> },
            { name: 'Contributors', show: () => <Leaderboard contributions={found.contributions.nodes} /> },
            { name: 'Versions', show: () => <Versions contributions={found.contributions.nodes} /> },
            {
              name: 'Used by',
              show: () => (
                <DataTable
                  caption="Models trained on this Datanet"
                  rows={usedBy}
                  file={`${found.name}-models`}
                  empty="No model is trained on it yet"
                  columns={[
                    { name: 'Model', value: ({ name }) => name, show: (row) => <ModelLink {...row} /> },
                    {
                      name: 'Earned',
                      unit: 'OPEN',
                      numeric: true,
                      value: ({ settledWei }) => BigInt(settledWei),
                      show: ({ settledWei }) => open(settledWei),
                    },
                    {
                      name: 'To contributors',
                      unit: 'OPEN',
                      numeric: true,
                      value: ({ contributorsWei }) => BigInt(contributorsWei),
                      show: ({ contributorsWei }) => open(contributorsWei),
                    },
                  ]}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  )
}

const RECORD_COLUMNS: readonly Column<RecordRow>[] = [
  { name: 'Record', value: ({ title }) => title, show: (row) => <RecordLink {...row} /> },
  { name: 'Type', value: ({ mediaType }) => mediaType, wide: true },
  {
    name: 'Size',
    numeric: true,
    value: ({ sizeBytes }) => Number(sizeBytes),
    show: ({ sizeBytes }) => bytes(sizeBytes),
  },
  {
    name: 'Contributor',
    value: ({ contributor }) => contributor.name,
    show: ({ contributor }) => <ContributorLink {...contributor} />,
  },
  { name: 'Licence', value: ({ licence }) => licence, wide: true },
]

function Records({ id }: { id: string }) {
  const query = useInfiniteQuery({
    queryKey: ['records', id],
    queryFn: ({ pageParam, signal }) => ask(records, { datanet: id, first: 100, after: pageParam }, signal),
    initialPageParam: null as string | null,
    // Records appear a block after their contribution: the index reads the manifest then. Further pages are only asked for by hand.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) === 1 ? 5_000 : false),
    getNextPageParam: ({ datanet: page }) =>
      page?.records.pageInfo.hasNextPage ? page.records.pageInfo.endCursor : undefined,
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.datanet?.records.nodes ?? []) ?? [], [query.data])
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (query.data === undefined) return <Loading lines={8} />
  return (
    <>
      <DataTable caption="Records" columns={RECORD_COLUMNS} rows={rows} file="records" empty="No record yet" />
      {query.hasNextPage && (
        <button
          type="button"
          className="button mt-3"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? 'Loading…' : `More than these ${count(rows.length)}`}
        </button>
      )}
    </>
  )
}

const STATUS_TONES: Record<string, 'good' | 'warn' | 'bad' | 'neutral'> = {
  Accepted: 'good',
  Rejected: 'bad',
  Pending: 'warn',
}

export function StatusBadge({ status }: { status: string }) {
  if (status === 'None') return <Badge>taken as it is</Badge>
  return (
    <Badge tone={STATUS_TONES[status] ?? 'neutral'}>{status.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}</Badge>
  )
}

/** Who contributed, by records that were taken; what was rejected counts against nobody’s records but is shown. */
function Leaderboard({ contributions }: { contributions: readonly Contribution[] }) {
  const rows = useMemo(() => {
    const byAccount = new Map<
      string,
      { account: string; name: string; records: bigint; contributions: number; rejected: number }
    >()
    for (const { contributor, recordCount, status } of contributions) {
      const row = byAccount.get(contributor.account) ?? { ...contributor, records: 0n, contributions: 0, rejected: 0 }
      byAccount.set(contributor.account, row)
      row.contributions++
      if (status === 'Rejected') row.rejected++
      else row.records += BigInt(recordCount)
    }
    return [...byAccount.values()].sort((a, b) => (a.records < b.records ? 1 : -1))
  }, [contributions])
  const all = rows.reduce((sum, row) => sum + row.records, 0n)
  return (
    <DataTable
      caption="Contributors by records"
      rows={rows}
      file="contributors"
      columns={[
        { name: 'Contributor', value: ({ name }) => name, show: (row) => <ContributorLink {...row} /> },
        { name: 'Records', numeric: true, value: (row) => row.records },
        {
          name: 'Part',
          numeric: true,
          value: (row) => (all === 0n ? 0 : Number((row.records * 1_000_000n) / all)),
          show: (row) => percent(all === 0n ? 0 : (row.records * 1_000_000n) / all),
        },
        { name: 'Contributions', numeric: true, value: (row) => row.contributions },
        { name: 'Rejected', numeric: true, value: (row) => row.rejected, wide: true },
      ]}
    />
  )
}

/** Contributions in their order, and what lies between two versions. */
function Versions({ contributions }: { contributions: readonly Contribution[] }) {
  const newest = contributions[0]?.version ?? 0
  const [from, setFrom] = useState(Math.max(0, newest - 1))
  const [to, setTo] = useState(newest)
  const between = contributions.filter(({ version }) => version > Math.min(from, to) && version <= Math.max(from, to))
  const added = between.reduce((sum, { recordCount }) => sum + BigInt(recordCount), 0n)
  const versions = [...contributions.map(({ version }) => version), 0]
  return (
    <>
      <div className="mb-4 flex flex-wrap items-end gap-3 text-sm">
        {(
          [
            ['From version', from, setFrom],
            ['to version', to, setTo],
          ] as const
        ).map(([name, value, set]) => (
          <label key={name} className="flex items-center gap-2">
            <span className="text-muted">{name}</span>
            <select className="field w-auto" value={value} onChange={(event) => set(Number(event.target.value))}>
              {versions.map((version) => (
                <option key={version} value={version}>
                  {version}
                </option>
              ))}
            </select>
          </label>
        ))}
        <p role="status" className="numeric min-h-9 content-center">
          {count(between.length)} contributions, {count(added)} records {to >= from ? 'more' : 'fewer'}
        </p>
      </div>
      <DataTable
        caption="Contributions between the two versions"
        rows={between}
        file="contributions"
        empty="The same version"
        columns={[
          { name: 'Version', numeric: true, value: ({ version }) => version },
          {
            name: 'Contributor',
            value: ({ contributor }) => contributor.name,
            show: ({ contributor }) => <ContributorLink {...contributor} />,
          },
          { name: 'Records', numeric: true, value: ({ recordCount }) => BigInt(recordCount) },
          {
            name: 'Size',
            numeric: true,
            wide: true,
            value: ({ sizeBytes }) => Number(sizeBytes),
            show: ({ sizeBytes }) => bytes(sizeBytes),
          },
          { name: 'State', value: ({ status }) => status, show: (row) => <StatusBadge status={row.status} /> },
          { name: 'Block', numeric: true, wide: true, value: ({ blockNumber }) => BigInt(blockNumber) },
          {
            name: 'Transaction',
            wide: true,
            value: ({ transactionHash }) => transactionHash,
            show: (row) => <Hex value={row.transactionHash} what="transaction hash" />,
          },
        ]}
      />
    </>
  )
}
