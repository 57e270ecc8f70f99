import { OpenLedgerError } from '@openledger/protocol'

/** A model, adapter or tokenizer file that is refused, or a call that does not fit its model. */
export class LanguageModelError extends OpenLedgerError {
  declare readonly code: LanguageModelError.Code

  constructor(code: LanguageModelError.Code, message: string, options: OpenLedgerError.Options) {
    super(code, message, options)
    this.name = 'LanguageModelError'
  }
}

export declare namespace LanguageModelError {
  type Code =
    | 'model.config-invalid'
    | 'model.config-unsupported'
    | 'model.weights-mismatch'
    | 'model.batch-invalid'
    | 'adapter.config-invalid'
    | 'adapter.config-unsupported'
    | 'adapter.weights-mismatch'
    | 'safetensors.header-invalid'
    | 'safetensors.layout-invalid'
    | 'safetensors.dtype-unsupported'
    | 'tokenizer.invalid'
    | 'tokenizer.unsupported'
}
