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
    | 'model.config_invalid'
    | 'model.config_unsupported'
    | 'model.too_large'
    | 'model.file_malformed'
    | 'model.file_too_large'
    | 'model.weights_mismatch'
    | 'model.index_invalid'
    | 'model.batch_invalid'
    | 'model.row_invalid'
    | 'model.gguf_unsupported'
    | 'adapter.config_invalid'
    | 'adapter.config_unsupported'
    | 'adapter.weights_mismatch'
    | 'safetensors.header_invalid'
    | 'safetensors.layout_invalid'
    | 'safetensors.dtype_unsupported'
    | 'safetensors.value_invalid'
    | 'tokenizer.invalid'
    | 'tokenizer.unsupported'
    | 'tokenizer.no_chat'
}
