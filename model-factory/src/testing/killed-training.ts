/** For tests: the same training once unbroken and once killed again and again, to compare the bytes. */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@openledger/language-model'
import { DEFAULT_RECIPE, type Recipe } from '../recipe.ts'

const PROGRAM = join(import.meta.dirname, 'kill-child.ts')

export type KillableTask = { contentFolder: string; runFolder: string | null; recipe: Recipe }

type Outcome = { kind: 'done'; checkpoints: { cid: string }[]; files: Record<string, string> }

export type KilledTraining = {
  kills: number
  /** Steps that the killed processes told of, all together: more than none of them were lost. */
  steps: number
  /** CIDs of every checkpoint and of the adapter's weights. */
  unbroken: string[]
  killed: string[]
}

/** @param kills how often the process is killed, with SIGKILL, each time after a random number of steps and a random while */
export async function trainWithKills(kills: number, seed: number): Promise<KilledTraining> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-kills-'))
  const random = seededRandom(seed)
  // Steps of both seeds, with some to spare: every kill then finds a run that is not done.
  const epochs = Math.max(4, Math.ceil(kills * 1.5))
  const recipe: Recipe = { ...DEFAULT_RECIPE, contextTokens: 48, batchSize: 4, epochs, seeds: [7, 8] }
  try {
    const once = await run({ contentFolder: join(folder, 'once'), runFolder: null, recipe }, () => undefined)
    const task = { contentFolder: join(folder, 'killed'), runFolder: join(folder, 'run'), recipe }
    let steps = 0
    for (let kill = 0; kill < kills; kill++) {
      const after = 1 + random.below(8)
      const whileMs = random.below(12)
      let seen = 0
      await run(task, (stop) => {
        steps++
        if (++seen === after) setTimeout(stop, whileMs)
      })
    }
    const killed = await run(task, () => undefined)
    return { kills, steps, unbroken: bytesOf(once!), killed: bytesOf(killed!) }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function bytesOf({ checkpoints, files }: Outcome): string[] {
  return [...checkpoints.map(({ cid }) => cid), files['adapter_model.safetensors']!]
}

/** @returns null if it was killed */
function run(task: KillableTask, onStep: (kill: () => void) => void): Promise<Outcome | null> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    let outcome: Outcome | null = null
    child.on('message', (message: Outcome | { kind: 'progress'; of: string }) => {
      if (message.kind === 'done') outcome = message
      else if (message.of === 'step') onStep(() => child.kill('SIGKILL'))
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(null)
      else if (outcome !== null) resolve(outcome)
      else reject(new Error(`the training ended with ${code ?? signal}`))
    })
    child.send(task)
  })
}
