import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { openAdapter, toPeftConfig, writePeftWeights } from '@openledger/language-model'
import { digestOfCid } from '@openledger/protocol'
import type { RegisteredModel } from '../../inference-node/src/adapters/model-directory.ts'
import { fetchModelFiles } from '../../inference-node/src/adapters/model-files.ts'
import { readFrom } from '../../inference-node/src/engine/messages.ts'
import { packAdapter, unpackAdapter } from '../../inference-node/src/engine/packed-adapter.ts'
import type { ServingModel } from '../../inference-node/src/engine/serving-model.ts'
import { cpuSeconds } from './serve-requests.ts'
import { ALL, CONFIG, randomAdapter } from './workload.ts'

const BASE = `0x${'11'.repeat(32)}` as const

/**
 * From the files on the disk, hashes checked, to a row of the batch, by the node's own way.
 * @returns milliseconds of processor time for each of `count` adapters
 */
export async function coldLoads(model: ServingModel, count: number): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-bench-'))
  try {
    const store = new DiskContentStore(directory)
    const registered: RegisteredModel[] = []
    for (let seed = 0; seed < count; seed++) registered.push(await publish(store, seed))
    const { adapters } = model.rows(2)
    const times: number[] = []
    for (const [i, one] of registered.entries()) {
      const beganS = cpuSeconds()
      const files = await fetchModelFiles(one, store)
      const packed = packAdapter(await openAdapter(CONFIG, readFrom(files)))
      adapters.fill(i % 2, one.id, unpackAdapter(packed))
      times.push((cpuSeconds() - beganS) * 1000)
    }
    return times
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function publish(store: DiskContentStore, seed: number): Promise<RegisteredModel> {
  const { lora, weights } = randomAdapter(ALL, seed)
  const files = {
    'adapter_config.json': await store.put(Buffer.from(JSON.stringify(toPeftConfig(lora, 'bench')))),
    'adapter_model.safetensors': await store.put(writePeftWeights(CONFIG, lora, weights, 'F16')),
  }
  const name = `adapter-${seed}`
  const about = { kind: 'openledger/model@1', modelKind: 'adapter', name, base: BASE, licence: 'Apache-2.0' }
  const artefactDigest = digestOfCid(await store.putJson({ ...about, files, training: null }))
  const id = `0x${seed.toString(16).padStart(64, '0')}` as const
  return {
    id,
    kind: 'adapter',
    name,
    version: 1,
    artefactDigest,
    base: BASE,
    owner: '',
    licence: 'Apache-2.0',
    block: 0,
  }
}
