import { useQuery } from '@tanstack/react-query'
import { Findings } from '../components/findings.tsx'
import { Badge, Failure } from '../components/states.tsx'
import { readingSdk } from '../wallet/openledger.ts'

/** Follows an answer to the root on chain in this browser; the api is believed for nothing but where to look. */
export function AnswerProof({ receiptHash, isPaid }: { receiptHash: string; isPaid: boolean }) {
  const proof = useQuery({
    // Checked again once an epoch pays the answer: before, the last steps cannot hold.
    queryKey: ['proof', receiptHash, isPaid],
    queryFn: async () => (await readingSdk()).verify(receiptHash),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (proof.error) return <Failure error={proof.error} onRetry={() => void proof.refetch()} />
  const findings = proof.data?.findings ?? []
  const held = findings.filter(({ ok }) => ok).length
  return (
    <details className="group rounded-lg border border-line px-4 py-3">
      <summary className="flex list-none flex-wrap items-center gap-2 text-sm">
        <span className="font-medium">Proof</span>
        {proof.data === undefined ? (
          <span role="status" className="text-muted">
            checking in this browser…
          </span>
        ) : proof.data.ok ? (
          <Badge tone="good">{held} steps hold, computed in this browser</Badge>
        ) : isPaid ? (
          <Badge tone="bad">
            {findings.length - held} of {findings.length} steps do not hold
          </Badge>
        ) : (
          <Badge tone="warn">{held} steps hold; the root that pays comes with the next epoch</Badge>
        )}
        <span className="ml-auto text-accent text-xs group-open:hidden">Show the steps</span>
      </summary>
      <div className="mt-3 border-line border-t pt-3">
        <Findings findings={findings} />
      </div>
    </details>
  )
}
