import { useOperation } from '../api/use-operation.ts'
import { count, open } from '../app/format.ts'
import { Figure, Figures } from '../components/figure.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Loaded } from '../components/states.tsx'
import { overview } from '../generated/overview.ts'

export function OverviewPage() {
  const query = useOperation(overview, {}, { everyMs: 5_000 })
  return (
    <>
      <PageHeader
        title="Overview"
        lead="Every paid answer is traced to the records that shaped it, and the people who contributed them are paid."
      />
      <Section title="So far" from={{ source: 'index', block: query.data?._meta.block ?? null }}>
        <Loaded query={query}>
          {({ totals, _meta: { block } }) => {
            const from = { source: 'index', block } as const
            return (
              <Figures>
                <Figure name="Paid for answers" value={open(totals.settledWei)} unit="OPEN" from={from} />
                <Figure name="Claimed" value={open(totals.paidWei)} unit="OPEN" from={from} />
                <Figure name="Answers" value={count(totals.answers)} unit="settled" from={from} />
                <Figure name="Records" value={count(totals.records)} unit="contributed" from={from} />
                <Figure name="Datanets" value={count(totals.datanets)} unit="open" from={from} />
                <Figure name="Models" value={count(totals.models)} unit="registered" from={from} />
              </Figures>
            )
          }}
        </Loaded>
      </Section>
    </>
  )
}
