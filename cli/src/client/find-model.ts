import { OpenLedgerError } from '@openledger/protocol'
import { MODEL_BY_ID, MODELS, type ModelRow, type OpenLedger } from '@openledger/sdk'

/** A model by id, or the newest of a name. @throws model.unknown */
export async function findModel(openledger: OpenLedger, text: string): Promise<ModelRow> {
  const id = text.toLowerCase()
  const found = /^0x[0-9a-f]{64}$/.test(id)
    ? (await openledger.query(MODEL_BY_ID, { id })).model
    : (await openledger.query(MODELS, { first: 100 })).models.nodes.find(({ name }) => name === text)
  if (found != null) return found
  throw new OpenLedgerError('model.unknown', 'The index knows no such model.', {
    facts: { model: text.slice(0, 80) },
    nextStep: 'Run `openledger model list`; an older one is found by its id.',
    retryable: true,
  })
}
