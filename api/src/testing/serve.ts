/** An api in a process of its own, before an index of a few rows: tests measure its memory, benchmarks its time. */
import { startApiUnderTest } from './api-under-test.ts'

const api = await startApiUnderTest({}, { bodyTimeoutMs: 1_000 })
api.index.isRecording = false
process.send?.({ url: api.url })
process.once('disconnect', () => process.exit(0))
