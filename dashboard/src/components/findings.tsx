import { Icon } from './icon.tsx'

/** What was checked, whether it holds, and why: said by mark and word. */
export function Findings({ findings }: { findings: readonly { check: string; ok: boolean; why: string }[] }) {
  return (
    <ol className="space-y-2">
      {findings.map(({ check, ok, why }) => (
        <li key={check + why} className="flex gap-2 text-sm">
          <span className={`mt-0.5 ${ok ? 'text-good' : 'text-bad'}`}>
            <Icon name={ok ? 'check' : 'cross'} size={16} />
          </span>
          <span className="min-w-0">
            <span className="font-medium">{check}</span>
            <span className="sr-only">{ok ? ' holds' : ' does not hold'}</span>
            <span className="numeric wrap-anywhere block text-muted text-xs">{why}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}
