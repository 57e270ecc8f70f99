import { useOperation } from '../api/use-operation.ts'
import { open } from '../app/format.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { DatanetLink, ModelLink } from '../components/entity-links.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Loaded } from '../components/states.tsx'
import { type ModelsData, models } from '../generated/models.ts'

type Row = ModelsData['models']['nodes'][number]

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Model', value: ({ name }) => name, show: (row) => <ModelLink {...row} /> },
  { name: 'Kind', value: ({ kind }) => kind, show: ({ kind }) => <Badge>{kind.toLowerCase()}</Badge> },
  {
    name: 'Trained on',
    value: ({ datanets }) => datanets.map(({ datanet }) => datanet.name).join(' '),
    show: ({ datanets }) =>
      datanets.length === 0 ? (
        <span className="text-muted">no Datanet</span>
      ) : (
        datanets.map(({ datanet }, place) => (
          <span key={datanet.id}>
            {place > 0 && ', '}
            <DatanetLink {...datanet} />
          </span>
        ))
      ),
  },
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
    wide: true,
    value: ({ contributorsWei }) => BigInt(contributorsWei),
    show: ({ contributorsWei }) => open(contributorsWei),
  },
  {
    name: 'To stakers',
    unit: 'OPEN',
    numeric: true,
    wide: true,
    value: ({ stakersWei }) => BigInt(stakersWei),
    show: ({ stakersWei }) => open(stakersWei),
  },
  {
    name: 'Traced',
    value: ({ featuresCid }) => (featuresCid === null ? 'no' : 'yes'),
    show: ({ featuresCid, kind }) =>
      featuresCid === null ? (
        <span className="text-muted">{kind === 'Base' ? 'nothing to trace' : 'not yet'}</span>
      ) : (
        <Badge tone="good">yes</Badge>
      ),
  },
]

export function ModelsPage() {
  const query = useOperation(models, { first: 100 }, { everyMs: 10_000 })
  return (
    <>
      <PageHeader
        title="Models"
        lead="Bases and the adapters trained on Datanets. What an adapter earns is split among its node, its owner, its stakers and the contributors of its records."
      />
      <Section title="All models" from={{ source: 'index', block: query.data?._meta.block ?? null }}>
        <Loaded query={query}>
          {({ models: { nodes } }) => (
            <DataTable
              caption="Models"
              columns={COLUMNS}
              rows={nodes}
              file="models"
              empty="No model is registered yet"
            />
          )}
        </Loaded>
      </Section>
    </>
  )
}
