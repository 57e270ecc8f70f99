export { carOf } from './car.ts'
export { datasetCard, modelCard } from './cards.ts'
export { CROISSANT_MEDIA_TYPE, croissantOf, type RecordFile } from './croissant.ts'
export type {
  AgentFacts,
  AnswerFacts,
  ContributionFacts,
  DatanetFacts,
  ModelFacts,
  Places,
  RecordFacts,
} from './facts.ts'
export { provenanceOf } from './provenance.ts'
export { recordLine } from './record-lines.ts'
