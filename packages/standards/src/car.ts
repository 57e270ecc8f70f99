/** A Datanet's manifests and contents as a CAR (CARv1, https://ipld.io/specs/transport/car/carv1): its roots are the manifests. */
import { CarWriter } from '@ipld/car'
import { CID } from 'multiformats/cid'

/**
 * @param roots CIDs of the manifests
 * @param blocks every CID once, in the order in which they are written, with its bytes; hashes were checked by the store
 * @returns the file's bytes as they become known; no more than one block is in memory
 */
export async function* carOf(
  roots: readonly string[],
  blocks: AsyncIterable<{ cid: string; bytes: Uint8Array }>,
): AsyncIterable<Uint8Array> {
  const { writer, out } = CarWriter.create(roots.map((cid) => CID.parse(cid)))
  const writing = write(writer, blocks)
  // Whoever reads meets the failure first; the promise must not fail unseen.
  writing.catch(() => undefined)
  yield* out
  await writing
}

async function write(
  writer: ReturnType<typeof CarWriter.create>['writer'],
  blocks: AsyncIterable<{ cid: string; bytes: Uint8Array }>,
): Promise<void> {
  try {
    for await (const { cid, bytes } of blocks) await writer.put({ cid: CID.parse(cid), bytes })
  } finally {
    await writer.close()
  }
}
