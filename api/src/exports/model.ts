import type { ModelFacts } from '@openledger/standards'
import { parse } from 'graphql'
import { missingThing } from './missing-thing.ts'
import type { ExportReader } from './reader.ts'

const MODEL = parse(/* GraphQL */ `
  query ($id: Bytes32!) {
    _meta { block }
    model(id: $id) {
      id kind name owner licence royaltyPpm artefactCid
      base { id name }
      datanets { version datanet { id name } }
      evaluations(first: 100) { nodes { metric valueE6 evaluator reportCid isFlagged } }
    }
  }
`)

type Row = Omit<ModelFacts, 'evaluations' | 'licenceFlags'> & { evaluations: { nodes: ModelFacts['evaluations'] } }

/** @throws export.unknown */
export async function readModel(reader: ExportReader, id: string): Promise<ModelFacts> {
  const { model } = await reader.read<{ model: Row | null }>(MODEL, { id })
  if (model === null) throw missingThing('model', id)
  // A base is its own base in the index.
  const base = model.base?.id === model.id ? null : model.base
  return { ...model, base, licenceFlags: null, evaluations: model.evaluations.nodes }
}
