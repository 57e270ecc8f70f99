/** Index and content store of the bench, in memory and in a process of their own: what they take is not the api's. */
import { IndexStandIn, word } from '@openledger/api/testing'
import { type ContentStore, startContentServer } from '@openledger/content-store'
import { makeRows } from './rows.ts'

const { rows, blobs, block } = makeRows()
const index = new IndexStandIn(rows, { number: block, hash: word(block), timestamp: 1_790_000_000 })
index.isRecording = false
const store = {
  get: async (cid: string) => blobs.get(cid),
  has: async (cid: string) => blobs.has(cid),
} as unknown as ContentStore
const [served, content] = [await index.listen(), await startContentServer(store, { port: 0 })]
// Blocks come as on an OP Stack chain: what the api knows of one is of no use in the next.
setInterval(() => {
  const number = index.block.number + 1
  index.block = { number, hash: word(number), timestamp: 1_790_000_000 + number }
}, 2_000)
process.send?.({ indexUrl: served.url, contentUrl: content.url })
process.once('disconnect', () => process.exit(0))
