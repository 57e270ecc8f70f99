import { useNavigate, useParams } from '@tanstack/react-router'
import { useOperation } from '../api/use-operation.ts'
import { ago, count, moment, open, percent } from '../app/format.ts'
import { DataTable } from '../components/data-table.tsx'
import { AnswerLink, ModelLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { Hex } from '../components/hex.tsx'
import { Lineage } from '../components/lineage.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Loaded } from '../components/states.tsx'
import { type ModelData, model } from '../generated/model.ts'

type Found = NonNullable<ModelData['model']>

export function ModelPage() {
  const { id } = useParams({ from: '/models/$id' })
  const query = useOperation(model, { id }, { everyMs: 10_000 })
  return (
    <Loaded query={query} lines={10}>
      {(data) =>
        data.model === null ? (
          <Empty title="No model has this id at this block" />
        ) : (
          <Shown data={data} found={data.model} />
        )
      }
    </Loaded>
  )
}

function Shown({ data, found }: { data: ModelData; found: Found }) {
  const from = { source: 'index', block: data._meta.block } as const
  const navigate = useNavigate()
  const training = found.__typename === 'Adapter' ? found.training : null
  const children = data.models.nodes.filter(({ base, id }) => base.id === found.id && id !== found.id)
  return (
    <>
      <PageHeader
        title={found.name}
        lead={
          found.kind === 'Base' ? (
            'A base model: adapters are trained on top of it.'
          ) : (
            <>
              {found.kind === 'Head' ? 'A head' : 'An adapter'} of <ModelLink {...found.base} />, registered{' '}
              {moment(Number(found.timestamp) * 1000)}.
            </>
          )
        }
      >
        {found.isDisputed && <Badge tone="warn">disputed</Badge>}
        <button type="button" className="button button-primary" onClick={() => void navigate({ to: '/playground' })}>
          Ask it
        </button>
      </PageHeader>
      <div className="space-y-6">
        <Section title="Earnings" from={from}>
          <Figures>
            <Figure name="Earned" value={open(found.settledWei)} unit="OPEN" from={from} />
            <Figure name="To contributors" value={open(found.contributorsWei)} unit="OPEN" from={from} />
            <Figure name="To stakers" value={open(found.stakersWei)} unit="OPEN" from={from} />
            <Figure
              name="Royalty"
              value={percent(found.royaltyPpm).split(' ')[0]}
              unit="% of derived models"
              from={from}
            />
          </Figures>
        </Section>
        <Section title="Lineage" note="From the records on the left to what is built on the right." from={from}>
          <Lineage
            name={found.name}
            parents={[
              ...found.datanets.map(({ datanet, version }) => ({
                id: datanet.id,
                kind: 'Datanet' as const,
                name: datanet.name,
                detail: `${count(datanet.recordCount)} records, version ${version}`,
              })),
              ...(found.base.id === found.id
                ? []
                : [{ id: found.base.id, kind: 'Base' as const, name: found.base.name, detail: 'base model' }]),
            ]}
            derived={children.map(({ id, name }) => ({ id, kind: 'Adapter' as const, name, detail: 'adapter' }))}
          />
        </Section>
        <div className="grid gap-6 lg:grid-cols-2">
          <Section title="Training" from={{ source: 'index', block: data._meta.block }}>
            {training === null ? (
              <Empty title={found.kind === 'Base' ? 'Trained before it came here' : 'No training manifest'} />
            ) : (
              <>
                <BaseAgainstAdapter before={training.lossBefore} after={training.lossAfter} />
                <dl className="numeric mt-5 grid grid-cols-2 gap-3 text-sm">
                  {[
                    ['Records', count(training.recordCount)],
                    ['Tokens', count(training.trainTokens)],
                    ['Epochs', count(training.epochs)],
                    ['LoRA rank', count(training.rank)],
                    ['Took', `${training.seconds.toFixed(0)} seconds`],
                  ].map(([name, value]) => (
                    <div key={name}>
                      <dt className="text-muted text-xs">{name}</dt>
                      <dd>{value}</dd>
                    </div>
                  ))}
                  <div>
                    <dt className="text-muted text-xs">Manifest</dt>
                    <dd>
                      <Hex value={training.cid} what="CID of the training manifest" ends={6} />
                    </dd>
                  </div>
                </dl>
              </>
            )}
          </Section>
          <Section title="Evaluations" from={from} note="Metrics that evaluators put on chain; each can be challenged.">
            <DataTable
              caption="Evaluations"
              rows={found.evaluations.nodes}
              file={`evaluations-${found.name}`}
              empty="Nobody has evaluated it yet"
              columns={[
                { name: 'Metric', value: ({ metric }) => metric },
                {
                  name: 'Value',
                  numeric: true,
                  value: ({ valueE6 }) => Number(valueE6) / 1e6,
                  show: ({ valueE6 }) => (Number(valueE6) / 1e6).toFixed(4),
                },
                { name: 'Challenges', numeric: true, value: ({ challengeCount }) => challengeCount },
                {
                  name: 'By',
                  wide: true,
                  value: ({ evaluator }) => evaluator,
                  show: ({ evaluator }) => <Hex value={evaluator} what="evaluator" />,
                },
              ]}
            />
          </Section>
        </div>
        <Section title="Newest answers" from={from}>
          <DataTable
            caption="Newest answers"
            rows={data.answers.nodes}
            file={`answers-${found.name}`}
            empty="It has not been asked yet"
            columns={[
              {
                name: 'Asked',
                value: ({ prompt }) => prompt,
                show: ({ prompt, receiptHash }) => (
                  <AnswerLink receiptHash={receiptHash}>
                    {(prompt ?? 'an answer').trim().slice(0, 60) || 'an answer'}
                  </AnswerLink>
                ),
              },
              {
                name: 'Price',
                unit: 'OPEN',
                numeric: true,
                value: ({ priceWei }) => BigInt(priceWei),
                show: ({ priceWei }) => open(priceWei, 5),
              },
              {
                name: 'When',
                wide: true,
                value: ({ timestampMs }) => Number(timestampMs),
                show: ({ timestampMs }) => ago(Number(timestampMs)),
              },
            ]}
          />
        </Section>
        <Section title="Files" from={from}>
          <dl className="grid gap-3 text-sm sm:grid-cols-3">
            <div>
              <dt className="text-muted text-xs">Artefact</dt>
              <dd>
                <Hex value={found.artefactCid} what="CID of the artefact" ends={6} />
              </dd>
            </div>
            <div>
              <dt className="text-muted text-xs">Attribution features</dt>
              <dd>
                {found.featuresCid === null ? (
                  'none'
                ) : (
                  <Hex value={found.featuresCid} what="CID of the features" ends={6} />
                )}
              </dd>
            </div>
            <div>
              <dt className="text-muted text-xs">Licence</dt>
              <dd>{found.licence}</dd>
            </div>
          </dl>
        </Section>
      </div>
    </>
  )
}

/** Loss on records that were held out, before and after; lower is better. */
function BaseAgainstAdapter({ before, after }: { before: number; after: number }) {
  const most = Math.max(before, after, 0.001)
  return (
    <div>
      <p className="text-sm">
        Validation loss fell by <strong className="numeric">{percent(((before - after) / before) * 1_000_000)}</strong>.
      </p>
      <dl className="numeric mt-3 space-y-2 text-sm">
        {(
          [
            ['Base', before, 'bg-edge'],
            ['Adapter', after, 'bg-accent'],
          ] as const
        ).map(([name, loss, ground]) => (
          <div key={name} className="grid grid-cols-[4rem_1fr_5rem] items-center gap-3">
            <dt className="text-muted">{name}</dt>
            <dd className="h-2 overflow-hidden rounded bg-sunken" aria-hidden="true">
              <span className={`block h-full ${ground}`} style={{ width: `${(100 * loss) / most}%` }} />
            </dd>
            <dd className="text-right">{loss.toFixed(3)} nats</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
