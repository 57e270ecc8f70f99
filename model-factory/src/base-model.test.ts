import { cpSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import {
  buildServingGraph,
  LossMeter,
  loraParameterCount,
  PROJECTIONS,
  parameterCount,
  recordTokens,
  tokenBatch,
} from '@openledger/language-model'
import { digestOf } from '@openledger/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { fetchBaseModel, publishBaseModel, SHIPPED_BASE, SHIPPED_BASE_TERMS } from './base-model.ts'
import { describeEngine } from './engine.ts'
import { DEFAULT_RECIPE, loraOf, requireRecipe } from './recipe.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-base-'))
const contentStore = new DiskContentStore(join(folder, 'content'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the shipped base model', async () => {
  const base = await fetchBaseModel(contentStore, await publishBaseModel(contentStore))

  it('has about three million parameters in at most 12 MB', () => {
    const files = ['model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'config.json', 'README.md']
    const bytes = files.reduce((sum, name) => sum + statSync(join(SHIPPED_BASE, name)).size, 0)
    expect(parameterCount(base.config)).toBeGreaterThan(2.5e6)
    expect(bytes).toBeLessThan(12e6)
  })

  it('has learned: it expects code and prose far better than chance', async () => {
    const meter = await LossMeter.create(base.config, {
      kind: 'lora',
      weights: base.weights,
      lora: loraOf(DEFAULT_RECIPE),
    })
    const nothing = new Float32Array(loraParameterCount(base.config, loraOf(DEFAULT_RECIPE)))
    const texts = [
      'This function returns a promise that resolves to an array of strings, or rejects with an error.',
      'export function add(a: number, b: number): number {\n  return a + b\n}\n',
    ]
    const sequences = texts.map((text) => recordTokens(base.tokenizer, text, base.config.maxPositions))
    const losses = await meter.losses(
      nothing,
      tokenBatch(sequences, (predicted) => 1 / predicted),
    )
    for (const loss of losses) expect(loss).toBeLessThan(0.6 * Math.log(base.config.vocabSize))
    await meter.release()
  })

  it('is computed by the very graphs of the manifests and receipts that there are', () => {
    const { gradientGraph } = describeEngine(base, loraOf(DEFAULT_RECIPE))
    expect(gradientGraph).toBe('0x01817fa1bcbad06a233fa6d4c94f74ce7253ddc118374b78d74f519aefb228bc')
    const options = { rank: 16, targets: PROJECTIONS, logits: 'last' } as const
    const serving = digestOf(buildServingGraph(base.config, base.weights, options))
    expect(serving).toBe('0xdaa7cdb8543ed0397c26184e2fca4ff263504b03e6f5c7a3a804af72c794e0f7')
  })

  it('fits the default recipe, with 40 to 70 thousand parameters to train', () => {
    expect(() => requireRecipe(DEFAULT_RECIPE, base.config)).not.toThrow()
    const parameters = loraParameterCount(base.config, loraOf(DEFAULT_RECIPE))
    expect(parameters).toBeGreaterThan(40_000)
    expect(parameters).toBeLessThan(70_000)
  })

  it('writes any text, and a word of code in few tokens', () => {
    const text = 'await Promise.all([…]) // 日本語 😀\n\tdone'
    expect(base.tokenizer.decode(base.tokenizer.encode(text))).toBe(text)
    expect(base.tokenizer.encode('export function').length).toBeLessThanOrEqual(4)
  })

  it('is not published when a file of it is broken', async () => {
    const broken = join(folder, 'broken')
    cpSync(SHIPPED_BASE, broken, { recursive: true })
    truncateSync(join(broken, 'model.safetensors'), 5_000_000)
    const untouched = new DiskContentStore(join(folder, 'untouched'))
    await expect(publishBaseModel(untouched, SHIPPED_BASE_TERMS, broken)).rejects.toThrow(
      expect.objectContaining({ code: 'safetensors.layout_invalid' }),
    )
    expect(existsSync(join(folder, 'untouched'))).toBe(false)
  })
})
