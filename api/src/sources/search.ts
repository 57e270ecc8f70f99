import type { Row } from '../lists/entity.ts'
import { DATANET, MODEL } from './entities.ts'
import { RECORD } from './records.ts'
import type { Subgraph } from './subgraph.ts'

type Found = Row & { found: 'Datanet' | 'Model' | 'Record' }

/** What holds `text` in its name or title, at most `first` of each kind. The one place to swap for another way to search. */
export async function searchRows(subgraph: Subgraph, text: string, first: number): Promise<Found[]> {
  const { datanets, models, records } = await subgraph.query<Record<'datanets' | 'models' | 'records', Row[]>>(
    `query($block: Int!, $text: String!, $first: Int!) {
      datanets(first: $first, where: {name_contains_nocase: $text}, block: {number: $block}) { ${DATANET.fields} }
      models(first: $first, where: {name_contains_nocase: $text}, block: {number: $block}) { ${MODEL.fields} }
      records(first: $first, where: {title_contains_nocase: $text}, block: {number: $block}) { ${RECORD.fields} }
    }`,
    { text, first },
  )
  return [
    ...datanets.map((row) => ({ ...row, found: 'Datanet' as const })),
    ...models.map((row) => ({ ...row, found: 'Model' as const })),
    ...records.map((row) => ({ ...row, found: 'Record' as const })),
  ]
}
