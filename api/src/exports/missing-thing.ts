import { OpenLedgerError } from '@openledger/protocol'

export function missingThing(what: string, id: string): OpenLedgerError {
  return new OpenLedgerError('export.unknown', 'There is no such thing to export at this block.', {
    facts: { status: 404, what, id: id.slice(0, 80) },
    nextStep: 'Check the id; what was made a moment ago appears with the next block.',
  })
}
