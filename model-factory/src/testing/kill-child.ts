/** For tests: a process that trains the tiny base with saving, tells each step, and may be killed at any moment. */
import { DiskContentStore } from '@openledger/content-store'
import { trainAdapter } from '../train-adapter.ts'
import type { KillableTask } from './killed-training.ts'
import { DATANET, recordsOf, sampleTexts } from './records.ts'
import { putTinyBase } from './tiny-base.ts'

process.once('disconnect', () => process.exit(1))

process.once('message', async ({ contentFolder, runFolder, recipe }: KillableTask) => {
  const contentStore = new DiskContentStore(contentFolder)
  const artefactDigest = await putTinyBase(contentStore)
  const result = await trainAdapter(
    {
      name: 'killed',
      licence: 'CC0-1.0',
      licenceFlags: 3,
      base: { id: `0x${'ba'.repeat(32)}`, licenceFlags: 3, artefactDigest },
      datanets: [DATANET],
      records: recordsOf(sampleTexts(24)),
      recipe,
      contentStore,
      ...(runFolder === null ? {} : { checkpoints: { folder: runFolder, everyMs: 0 } }),
    },
    ({ kind }) => process.send!({ kind: 'progress', of: kind }),
  )
  process.send!(
    { kind: 'done', checkpoints: result.training.checkpoints, files: result.files },
    undefined,
    undefined,
    () => process.exit(0),
  )
})
