import { fileURLToPath } from 'node:url'
import { runInProcess } from './task-process.ts'
import type { SeedProgress, SeedResult, SeedTask } from './train-seed.ts'

const PROGRAM = fileURLToPath(new URL('./seed-child.ts', import.meta.url))

/** Runs `trainSeed` in a new process. @throws what `runInProcess` throws */
export function trainSeedInProcess(
  task: SeedTask,
  onProgress: (progress: SeedProgress) => void,
  signal?: AbortSignal,
): Promise<SeedResult> {
  return runInProcess(PROGRAM, task, onProgress, signal)
}
