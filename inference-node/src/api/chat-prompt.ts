import { Template } from '@huggingface/jinja'
import { RequestError } from '../error.ts'

export type ChatMessage = { role: string; content: string }

/** Where a model brings no template: the messages as paragraphs, which is what a model trained on plain text has seen. */
function asParagraphs(messages: readonly ChatMessage[]): string {
  return messages.map(({ content }) => content).join('\n\n')
}

/** The text that a conversation is for the model. @param template Jinja, from the model's tokenizer_config.json */
export function chatPrompt(messages: readonly ChatMessage[], template: string | undefined): string {
  if (template === undefined) return asParagraphs(messages)
  try {
    return new Template(template).render({ messages, add_generation_prompt: true, bos_token: '', eos_token: '' })
  } catch (cause) {
    // Templates refuse conversations that their model was not trained for, for example a system message.
    throw new RequestError('request.invalid', "The model's chat template refuses these messages.", {
      status: 400,
      param: 'messages',
      facts: { reason: cause instanceof Error ? cause.message : String(cause) },
      nextStep: 'Change the roles or their order, or use /v1/completions.',
    })
  }
}
