export * from './adapter-rows.ts'
export type { AdamWOptions } from './autodiff/adamw.ts'
export * from './batch.ts'
export * from './chat.ts'
export * from './config.ts'
export * from './error.ts'
export * from './gguf.ts'
export {
  buildServingGraph,
  type ServingGraphOptions,
  type ServingSignature,
  type ServingValue,
  servedTargets,
  servingSignature,
} from './graphs/serving.ts'
export { buildTrainingGraph, type LoraOptions, type Trained, type TrainingGoal } from './graphs/training.ts'
export * from './hugging-face-config.ts'
export * from './json-row.ts'
export * from './lora.ts'
export * from './model-files.ts'
export { type Attribute, type Dim, type ElementType, GraphBuilder, type ValueName } from './onnx/graph.ts'
export { floats, floatsOf, integers, openSession, RUNTIME, type SessionOptions } from './onnx/session.ts'
export * from './peft.ts'
export * from './random.ts'
export * from './record-example.ts'
export * from './record-tokens.ts'
export * from './rows-gradients.ts'
export * from './safetensors.ts'
export * from './tenants-trainer.ts'
export * from './tokenizer.ts'
export * from './trainer.ts'
export * from './weights.ts'
