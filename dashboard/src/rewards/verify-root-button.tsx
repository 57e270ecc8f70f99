import { useState } from 'react'
import { Icon } from '../components/icon.tsx'
import { Badge, Failure } from '../components/states.tsx'
import { type RootFinding, verifyRoot } from '../wallet/verify-root.ts'

type State =
  | { kind: 'idle' }
  | { kind: 'working' }
  | { kind: 'done'; findings: RootFinding[] }
  | { kind: 'failed'; error: unknown }

/** Builds an epoch's tree again in this browser. */
export function VerifyRoot({ epoch }: { epoch: { number: number; root: string; manifestCid: string } }) {
  const [state, setState] = useState<State>({ kind: 'idle' })
  const verify = async () => {
    setState({ kind: 'working' })
    try {
      setState({ kind: 'done', findings: await verifyRoot(epoch) })
    } catch (error) {
      setState({ kind: 'failed', error })
    }
  }
  return (
    <div className="space-y-3">
      <button type="button" className="button" disabled={state.kind === 'working'} onClick={() => void verify()}>
        <Icon name="check" size={16} />
        {state.kind === 'working' ? 'Building the tree…' : `Verify root of epoch ${epoch.number}`}
      </button>
      {state.kind === 'failed' && <Failure error={state.error} onRetry={() => void verify()} />}
      {state.kind === 'done' && (
        <div role="status" className="space-y-2">
          {state.findings.every(({ ok }) => ok) ? (
            <Badge tone="good">all {state.findings.length} checks hold, computed in this browser</Badge>
          ) : (
            <Badge tone="bad">a check does not hold</Badge>
          )}
          <ol className="space-y-2">
            {state.findings.map(({ check, ok, why }) => (
              <li key={check} className="flex gap-2 text-sm">
                <span className={`mt-0.5 ${ok ? 'text-good' : 'text-bad'}`}>
                  <Icon name={ok ? 'check' : 'cross'} size={16} />
                </span>
                <span className="min-w-0">
                  <span className="font-medium">{check}</span>
                  <span className="sr-only">{ok ? ' holds' : ' does not hold'}</span>
                  <span className="numeric block break-all text-muted text-xs">{why}</span>
                </span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  )
}
