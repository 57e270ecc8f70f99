/**
 * Runs `work` every `everyMs`, one run at a time, and again at once when it is asked to. A fault ends the run, not the
 * repeating.
 * @param everyMs 0 runs only when asked
 */
export function repeat(work: () => Promise<unknown>, everyMs: number, onFault: (error: unknown) => void): Repetition {
  let running: Promise<void> | undefined
  let isAskedAgain = false
  let isStopped = false
  const run = async () => {
    do {
      isAskedAgain = false
      await work().catch(onFault)
    } while (isAskedAgain && !isStopped)
  }
  const now = (): Promise<void> => {
    if (isStopped) return Promise.resolve()
    if (running !== undefined) isAskedAgain = true
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
  const timer = everyMs === 0 ? undefined : setInterval(() => running ?? void now(), everyMs)
  return {
    now,
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await running
    },
  }
}

export type Repetition = {
  /** Resolves when a run that began after this call, or includes it, has ended. */
  now(): Promise<void>
  /** Waits for the run under way and starts no more. */
  stop(): Promise<void>
}
