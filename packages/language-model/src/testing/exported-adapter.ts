/** An adapter that this package made, as the files that it exports: PEFT read them once, see reference/README.md. */
import type { ModelConfig } from '../config.ts'
import { type LoraConfig, loraParameterCount } from '../lora.ts'
import { toPeftConfig, writePeftWeights } from '../peft.ts'
import { randomVector } from './tiny-model.ts'

/** Models that an exported adapter stands beside: one with plain scaling, one rank-stabilised. */
export const EXPORTED: Record<string, LoraConfig> = {
  mistral: { rank: 3, alpha: 4, targets: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'], isRankStabilised: true },
  'qwen-2': { rank: 4, alpha: 8, targets: ['q', 'v', 'down'] },
}

export function exportAdapter(name: string, config: ModelConfig) {
  const lora = EXPORTED[name]!
  const weights = randomVector(loraParameterCount(config, lora), 0.3, 17)
  const peftConfig = `${JSON.stringify(toPeftConfig(lora, name), null, 1)}\n`
  return {
    adapter: { lora, weights },
    files: {
      'adapter_config.json': new TextEncoder().encode(peftConfig),
      'adapter_model.safetensors': writePeftWeights(config, lora, weights),
    },
  }
}
