/** The process behind `trainSeedInProcess`. */
import { serveTask } from './serve-task.ts'
import { trainSeed } from './train-seed.ts'

serveTask(trainSeed)
