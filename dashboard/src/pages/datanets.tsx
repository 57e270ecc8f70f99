import { Link } from '@tanstack/react-router'
import { useDeferredValue, useId, useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { bytes, count, percent } from '../app/format.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { DatanetLink } from '../components/entity-links.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Loaded } from '../components/states.tsx'
import { type DatanetsData, datanets } from '../generated/datanets.ts'

type Row = DatanetsData['datanets']['nodes'][number]

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Datanet', value: ({ name }) => name, show: (row) => <DatanetLink {...row} /> },
  { name: 'Of', value: ({ modality }) => modality },
  { name: 'Records', value: ({ recordCount }) => BigInt(recordCount), numeric: true },
  { name: 'Contributors', value: ({ contributorCount }) => contributorCount, numeric: true },
  {
    name: 'Size',
    value: ({ sizeBytes }) => Number(sizeBytes),
    show: (row) => bytes(row.sizeBytes),
    numeric: true,
    wide: true,
  },
  {
    name: 'Royalty',
    value: ({ royaltyPpm }) => royaltyPpm,
    show: (row) => percent(row.royaltyPpm),
    numeric: true,
    wide: true,
  },
  {
    name: 'Licence',
    value: ({ licence }) => licence,
    show: (row) => (
      <span className="block max-w-72 truncate" title={row.licence}>
        {row.licence}
      </span>
    ),
    wide: true,
  },
  {
    name: 'State',
    value: ({ isCurated, isDisputed }) => (isDisputed ? 'disputed' : isCurated ? 'curated' : 'open'),
    show: ({ isCurated, isDisputed }) =>
      isDisputed ? <Badge tone="warn">disputed</Badge> : <Badge tone="neutral">{isCurated ? 'curated' : 'open'}</Badge>,
  },
]
const MODALITIES = ['Text', 'Image', 'Audio', 'Other'] as const

export function DatanetsPage() {
  const id = useId()
  const [text, setText] = useState('')
  const [modality, setModality] = useState<(typeof MODALITIES)[number] | ''>('')
  const wanted = useDeferredValue(text.trim())
  const query = useOperation(datanets, {
    first: 100,
    orderBy: 'recordCount',
    where: {
      ...(wanted === '' ? {} : { name_contains_nocase: wanted }),
      ...(modality === '' ? {} : { modality }),
    },
  })
  return (
    <>
      <PageHeader
        title="Datanets"
        lead="Collections of records under one licence. Models are trained on them, and their contributors are paid for the answers that their records shaped."
      >
        <Link to="/datanets/create" className="button button-primary">
          Create a Datanet
        </Link>
      </PageHeader>
      <Section title="All Datanets" from={{ source: 'index', block: query.data?._meta.block ?? null }}>
        <div className="mb-4 grid gap-4 sm:grid-cols-[1fr_12rem]">
          <div>
            <label htmlFor={`${id}-text`} className="mb-1 block text-muted text-sm">
              Name holds
            </label>
            <input
              id={`${id}-text`}
              type="search"
              className="field"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <div>
            <label htmlFor={`${id}-of`} className="mb-1 block text-muted text-sm">
              Records are
            </label>
            <select
              id={`${id}-of`}
              className="field"
              value={modality}
              onChange={(event) => setModality(event.target.value as typeof modality)}
            >
              <option value="">of any kind</option>
              {MODALITIES.map((one) => (
                <option key={one} value={one}>
                  {one.toLowerCase()}
                </option>
              ))}
            </select>
          </div>
        </div>
        <Loaded query={query}>
          {({ datanets: { nodes } }) => (
            <>
              <DataTable
                caption="Datanets"
                columns={COLUMNS}
                rows={nodes}
                file="datanets"
                empty="No Datanet is like that"
              />
              <p className="sr-only" role="status">
                {count(nodes.length)} Datanets shown
              </p>
            </>
          )}
        </Loaded>
      </Section>
    </>
  )
}
