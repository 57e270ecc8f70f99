import { useEffect, useState } from 'react'
import { ago } from '../app/format.ts'

/** How long until a moment of the chain's clock, in words that change by the second; `past` after it. */
export function Countdown({ atMs, past }: { atMs: number; past: string }) {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={new Date(atMs).toISOString()} className="numeric">
      {atMs <= nowMs ? past : ago(atMs, nowMs)}
    </time>
  )
}
