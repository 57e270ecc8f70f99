import { useMemo } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { giniPpm } from '../app/concentration.ts'
import { count, open, percent, shortHex } from '../app/format.ts'
import { Chart, type ChartInk } from '../components/chart.tsx'
import { AnswerLink, ContributorLink, RecordLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { type EvidenceMatrixData, evidenceMatrix } from '../generated/evidence-matrix.ts'

type Answers = EvidenceMatrixData['answers']['nodes']

export function AttributionPage() {
  const query = useOperation(evidenceMatrix, {}, { everyMs: 30_000 })
  return (
    <>
      <PageHeader
        title="Attribution"
        lead="Which records shaped which answers, how sure that is, and where the money went. The newest twenty answers."
      />
      <Loaded query={query} lines={12}>
        {({ answers, _meta: { block } }) =>
          answers.nodes.length === 0 ? (
            <Empty title="No answer was settled yet" />
          ) : (
            <div className="space-y-6">
              <Section
                title="Answers × records"
                from={{ source: 'engine', block }}
                note="Each cell is a record’s part of an answer’s contributor pool; the table gives its score with the standard error over training seeds."
              >
                <HeatMap answers={answers.nodes} />
              </Section>
              <Section
                title="From fees to contributors"
                from={{ source: 'engine', block }}
                note="What these answers paid, by model, to those whose records shaped them."
              >
                <Flow answers={answers.nodes} />
              </Section>
              <Spread answers={answers.nodes} block={block} />
            </div>
          )
        }
      </Loaded>
    </>
  )
}

const nameOf = (answer: Answers[number]) => (answer.prompt ?? shortHex(answer.receiptHash, 4)).slice(0, 28)

function HeatMap({ answers }: { answers: Answers }) {
  const cells = useMemo(
    () =>
      answers.flatMap((answer) =>
        (answer.evidence?.influence ?? []).map((influence, place) => ({ answer, place, ...influence })),
      ),
    [answers],
  )
  const shown = useMemo(() => answers.filter(({ evidence }) => (evidence?.influence.length ?? 0) > 0), [answers])
  const records = useMemo(() => {
    const sums = new Map<string, { title: string; ppm: number }>()
    for (const { record, sharePpm } of cells) {
      if (record === null) continue
      const sum = sums.get(record.digest) ?? { title: record.title, ppm: 0 }
      sums.set(record.digest, { ...sum, ppm: sum.ppm + sharePpm })
    }
    return [...sums].sort(([, a], [, b]) => b.ppm - a.ppm).slice(0, 24)
  }, [cells])
  if (cells.length === 0) return <Empty title="None of these answers has evidence yet" />
  const rowOf = new Map(shown.map(({ receiptHash }, place) => [receiptHash, place]))
  // The darkest cell is the largest share there is, so that small shares still differ.
  const most = Math.max(1, ...cells.map(({ sharePpm }) => Math.ceil(sharePpm / 10_000)))
  const columnOf = new Map(records.map(([digest], place) => [digest, place]))
  const option = (ink: ChartInk) => ({
    grid: { left: 8, right: 8, top: 8, bottom: 56, containLabel: true },
    tooltip: {
      formatter: ({ data }: { data: [number, number, number] }) =>
        `${nameOf(shown[data[1]]!)}\n${records[data[0]]![1].title}\n${data[2].toFixed(1)} % of the pool`,
    },
    xAxis: {
      type: 'category',
      data: records.map(([digest]) => shortHex(digest, 3)),
      axisLabel: { rotate: 60, fontSize: 10, color: ink.muted },
    },
    yAxis: { type: 'category', data: shown.map(nameOf), axisLabel: { fontSize: 11, color: ink.muted } },
    visualMap: {
      min: 0,
      max: most,
      calculable: false,
      orient: 'horizontal',
      left: 'center',
      bottom: 0,
      itemHeight: 160,
      itemWidth: 10,
      text: [`${most} %`, '0'],
      textStyle: { color: ink.muted },
      inRange: { color: [ink.surface, ink.series[0]] },
    },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: ink.line, borderWidth: 1 },
        data: cells.flatMap(({ record, answer, sharePpm }) => {
          const column = record === null ? undefined : columnOf.get(record.digest)
          return column === undefined ? [] : [[column, rowOf.get(answer.receiptHash)!, sharePpm / 10_000]]
        }),
      },
    ],
  })
  return (
    <Chart
      name="Answers by records"
      summary={`${shown.length} answers and the ${records.length} records with the largest shares in them.`}
      option={option}
      heightPx={Math.max(260, 120 + 24 * shown.length)}
      rows={cells}
      file="answers-by-records"
      columns={[
        {
          name: 'Answer',
          value: ({ answer }) => nameOf(answer),
          show: ({ answer }) => <AnswerLink receiptHash={answer.receiptHash}>{nameOf(answer)}</AnswerLink>,
        },
        {
          name: 'Record',
          value: ({ record }) => record?.title ?? '',
          show: ({ record }) => (record === null ? 'unknown' : <RecordLink {...record} />),
        },
        {
          name: 'Contributor',
          wide: true,
          value: ({ contributor }) => contributor.name,
          show: ({ contributor }) => <ContributorLink {...contributor} />,
        },
        { name: 'Score', numeric: true, value: ({ mean }) => BigInt(mean) },
        { name: '± s.e.', numeric: true, wide: true, value: ({ standardError }) => BigInt(standardError) },
        { name: 'Share', numeric: true, value: ({ sharePpm }) => sharePpm, show: ({ sharePpm }) => percent(sharePpm) },
        {
          name: 'Also word for word',
          wide: true,
          value: ({ answer, record }) => (isQuoted(answer, record?.digest) ? 'yes' : 'no'),
        },
      ]}
    />
  )
}

/** Whether two kinds of evidence agree on a record. */
function isQuoted({ evidence }: Answers[number], digest: string | undefined): boolean {
  return (evidence?.verbatim ?? []).some(({ documents }) => documents.some(({ record }) => record?.digest === digest))
}

function Flow({ answers }: { answers: Answers }) {
  const rows = useMemo(() => {
    const sums = new Map<string, { model: string; contributor: { account: string; name: string }; wei: bigint }>()
    for (const { model, shares } of answers)
      for (const { contributor, amountWei } of shares) {
        const key = `${model?.id} ${contributor.account}`
        const sum = sums.get(key) ?? { model: model?.name ?? 'unknown', contributor, wei: 0n }
        sums.set(key, { ...sum, wei: sum.wei + BigInt(amountWei) })
      }
    return [...sums.values()].filter(({ wei }) => wei > 0n).sort((a, b) => (a.wei < b.wei ? 1 : -1))
  }, [answers])
  if (rows.length === 0) return <Empty title="No epoch has paid these answers yet" />
  const toNumber = (wei: bigint) => Number(wei / 10n ** 9n) / 1e9
  const shownName = ({ contributor }: (typeof rows)[number]) =>
    `${contributor.name.slice(0, 30)} ${contributor.account.slice(2, 6)}`
  const option = (ink: ChartInk) => ({
    tooltip: { trigger: 'item' },
    series: [
      {
        type: 'sankey',
        left: 8,
        right: 160,
        nodeGap: 8,
        emphasis: { focus: 'adjacency' },
        lineStyle: { color: 'source', opacity: 0.35 },
        label: { color: ink.ink, fontSize: 11 },
        data: [...new Set(rows.flatMap((row) => [`model: ${row.model}`, shownName(row)]))].map((name) => ({ name })),
        links: rows.map((row) => ({ source: `model: ${row.model}`, target: shownName(row), value: toNumber(row.wei) })),
      },
    ],
  })
  return (
    <Chart
      name="From fees to contributors"
      summary={`${rows.length} flows from models to contributors, ${open(rows.reduce((sum, { wei }) => sum + wei, 0n))} OPEN in all.`}
      option={option}
      heightPx={Math.max(260, 22 * new Set(rows.map(({ contributor }) => contributor.account)).size)}
      rows={rows}
      file="fees-to-contributors"
      columns={[
        { name: 'Model', value: ({ model }) => model },
        {
          name: 'Contributor',
          value: ({ contributor }) => contributor.name,
          show: ({ contributor }) => <ContributorLink {...contributor} />,
        },
        { name: 'Amount', unit: 'OPEN', numeric: true, value: ({ wei }) => wei, show: ({ wei }) => open(wei, 6) },
      ]}
    />
  )
}

function Spread({ answers, block }: { answers: Answers; block: number }) {
  const from = { source: 'engine', block } as const
  const { amounts, agreeing, paired } = useMemo(() => {
    const byAccount = new Map<string, bigint>()
    let [agreed, pairs] = [0, 0]
    for (const answer of answers) {
      for (const { contributor, amountWei } of answer.shares)
        byAccount.set(contributor.account, (byAccount.get(contributor.account) ?? 0n) + BigInt(amountWei))
      const quoted = (answer.evidence?.verbatim ?? []).length > 0
      const [top] = answer.evidence?.influence ?? []
      if (!quoted || top === undefined) continue
      pairs += 1
      if (isQuoted(answer, top.record?.digest)) agreed += 1
    }
    return { amounts: [...byAccount.values()], agreeing: agreed, paired: pairs }
  }, [answers])
  const gini = giniPpm(amounts)
  const total = amounts.reduce((sum, amount) => sum + amount, 0n)
  const [most = 0n] = amounts.toSorted((a, b) => (a < b ? 1 : -1))
  return (
    <Section
      title="Concentration and agreement"
      from={from}
      note="How even the pay of these answers is, and how often the record with most influence is also quoted word for word."
    >
      <Figures>
        <Figure
          name="Gini"
          value={gini === null ? '–' : (gini / 1_000_000).toFixed(2)}
          unit="0 even, 1 one has all"
          from={from}
        />
        <Figure
          name="Largest part"
          value={total === 0n ? '–' : percent(Number((most * 1_000_000n) / total))}
          unit="of the pay"
          from={from}
        />
        <Figure name="Paid" value={count(amounts.length)} unit="contributors" from={from} />
        <Figure
          name="Methods agree"
          value={paired === 0 ? '–' : `${agreeing} of ${paired}`}
          unit="answers that quote"
          from={from}
        />
      </Figures>
    </Section>
  )
}
