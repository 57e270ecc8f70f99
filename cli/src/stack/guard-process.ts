// Ends the stack's processes when their supervisor dies without a word, by kill -9 for example. It is told every process
// as it starts and ends; when the channel to the supervisor closes, it ends what is left and then itself.
// It imports nothing: it must start at once and must not fail.

/** What the supervisor says. */
export type GuardMessage =
  | { kind: 'watch'; pid: number; signal: NodeJS.Signals; graceMs: number; endsWith: number }
  | { kind: 'forget'; pid: number }

type Watched = { signal: NodeJS.Signals; graceMs: number; endsWith: number }

const watched = new Map<number, Watched>()

process.on('message', (message: GuardMessage) => {
  if (message.kind === 'watch') watched.set(message.pid, message)
  else watched.delete(message.pid)
})
process.once('disconnect', () => {
  void endAll().then(() => process.exit(0))
})
// Ctrl-C reaches the whole terminal group; the supervisor decides what it means.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('SIGHUP', () => undefined)
process.send?.({ kind: 'guarding' })

/** Group by group, as the supervisor would. */
async function endAll(): Promise<void> {
  const groups = [...new Set([...watched.values()].map(({ endsWith }) => endsWith))].sort((a, b) => a - b)
  for (const group of groups) {
    await Promise.all([...watched].filter(([, { endsWith }]) => endsWith === group).map(([pid, how]) => end(pid, how)))
  }
}

async function end(pid: number, { signal, graceMs }: Watched): Promise<void> {
  if (!send(pid, signal)) return
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += 50) {
    await new Promise((done) => setTimeout(done, 50))
    if (!send(pid, 0)) return
  }
  send(pid, 'SIGKILL')
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
