import { OpenLedgerError } from '@openledger/protocol'

/** A training job that is refused or fails. Nothing was registered. */
export class TrainingError extends OpenLedgerError {
  declare readonly code: TrainingError.Code

  constructor(code: TrainingError.Code, message: string, options: OpenLedgerError.Options) {
    super(code, message, options)
    this.name = 'TrainingError'
  }
}

export declare namespace TrainingError {
  type Code =
    | 'training.recipe_invalid'
    | 'training.no_records'
    | 'training.too_few_records'
    | 'training.record_foreign'
    | 'training.record_invalid'
    | 'training.label_missing'
    | 'training.too_few_classes'
    | 'training.head_invalid'
    | 'training.licence_incompatible'
    | 'training.base_mismatch'
    | 'training.not_reproducible'
    | 'training.diverged'
    | 'training.cancelled'
    | 'training.worker_ended'
    | 'training.memory_exceeded'
    | 'training.time_exceeded'
    | 'training.not_ready'
    | 'training.base_unknown'
    | 'training.run_unknown'
    | 'training.run_ended'
    | 'training.run_active'
    | 'training.queue_full'
    | 'training.order_declined'
}
