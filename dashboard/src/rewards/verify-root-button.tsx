import { useState } from 'react'
import { Findings } from '../components/findings.tsx'
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
          <Findings findings={state.findings} />
        </div>
      )}
    </div>
  )
}
