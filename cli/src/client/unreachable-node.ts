import { OpenLedgerError } from '@openledger/protocol'

export function unreachableNode(url: string, cause?: unknown, status: number | null = null): OpenLedgerError {
  return new OpenLedgerError('node.unreachable', 'The inference node does not answer as it should.', {
    facts: { url, status },
    nextStep: 'Run `openledger status`; the node’s log is in the state directory.',
    retryable: true,
    cause,
  })
}
