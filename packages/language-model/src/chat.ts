/**
 * Conversations as their model was trained to read them: the Jinja template that comes with the model writes the text,
 * and the special tokens in it.
 *
 * What a message says is text. A name of a special token in it (a user may write `<|im_end|>`, or strike out with `<s>`)
 * is broken by a mark before the template sees it, and mended when the text between the special tokens is cut up.
 */
import { Template } from '@huggingface/jinja'
import { LanguageModelError } from './error.ts'
import type { Tokenizer } from './tokenizer.ts'

export type ChatMessage = { role: string; content: string }

/** Code points that Unicode promises never to give to a character. */
const MARKS = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i))

/**
 * The text of a conversation, as transformers' `apply_chat_template` writes it.
 *
 * @throws {LanguageModelError} `tokenizer.no_chat` where the model has no template, or it refuses these messages
 */
export function renderChat(tokenizer: Tokenizer, messages: readonly ChatMessage[]): string {
  const { chatTemplate, namedTokens } = tokenizer
  if (chatTemplate === undefined) throw noChat('the model has no chat template')
  try {
    // As transformers sets Jinja up.
    const template = new Template(chatTemplate)
    return template.render({ messages, add_generation_prompt: true, ...namedTokens })
  } catch (cause) {
    throw noChat("the model's chat template refuses these messages", cause)
  }
}

/**
 * The tokens of a conversation, with all special tokens that its template writes, up to where the answer begins.
 *
 * @throws {LanguageModelError} `tokenizer.no_chat`
 */
export function encodeChat(tokenizer: Tokenizer, messages: readonly ChatMessage[]): number[] {
  const mark = MARKS.find((one) => !messages.some(({ content, role }) => `${role}${content}`.includes(one)))
  if (mark === undefined) throw noChat('the messages are no text')
  const names = tokenizer.specialNames
  const broken = messages.map(({ content, role }) => ({
    role: breakNames(role, names, mark),
    content: breakNames(content, names, mark),
  }))
  return tokenizer.encodeWithSpecials(renderChat(tokenizer, broken), (stretch) => stretch.replaceAll(mark, ''))
}

function breakNames(text: string, names: readonly string[], mark: string): string {
  let broken = text
  for (const name of names) {
    const [first = ''] = name
    broken = broken.replaceAll(name, `${first}${mark}${name.slice(first.length)}`)
  }
  return broken
}

function noChat(why: string, cause?: unknown): LanguageModelError {
  return new LanguageModelError('tokenizer.no_chat', `The conversation cannot be written out: ${why}.`, {
    facts: cause instanceof Error ? { reason: cause.message.slice(0, 200) } : {},
    nextStep: 'Change the roles or their order, or give the model a plain text to go on with.',
    cause,
  })
}
