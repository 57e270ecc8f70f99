/**
 * Learns the base's byte-level BPE and writes `tokenizer.json` and `tokenizer_config.json`.
 *
 * The library learns the merges; the vocabulary is then put together here: the end of text as token 0, all 256 bytes (so
 * that any text can be written, seen or not), then as many merges as fit. Merges are learned greedily, one after the
 * other, so the first n of a long list are what a smaller vocabulary would have learned.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BPE, byteLevelAlphabet, byteLevelPreTokenizer, Tokenizer } from 'tokenizers'

export const END_OF_TEXT = '<|endoftext|>'

/** Writes both files into `folder`. */
export function trainTokenizer(texts: readonly string[], vocabSize: number, folder: string): void {
  const alphabet = byteLevelAlphabet().sort()
  const merges = learnMerges(texts).slice(0, vocabSize - alphabet.length - 1)
  const tokens = [END_OF_TEXT, ...alphabet, ...merges.map((pair) => pair.join(''))]
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  const special = { lstrip: false, rstrip: false, normalized: false, single_word: false, special: true }
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [{ id: 0, content: END_OF_TEXT, ...special }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: merges.map((pair) => pair.join(' ')),
    },
  }
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: END_OF_TEXT,
    eos_token: END_OF_TEXT,
    pad_token: END_OF_TEXT,
    add_bos_token: false,
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
    model_max_length: 256,
    // The base continues texts and was never taught turns: messages are simply put one after the other.
    chat_template:
      "{% for message in messages %}{{ message['content'] }}{% if not loop.last %}{{ '\\n\\n' }}{% endif %}{% endfor %}",
  }
  writeFileSync(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer)}\n`)
  writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`)
}

/** Pairs of tokens in the order in which they are merged. */
function learnMerges(texts: readonly string[]): [string, string][] {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-tokenizer-'))
  try {
    const corpus = join(folder, 'corpus.txt')
    const learned = join(folder, 'learned.json')
    writeFileSync(corpus, texts.join('\n'))
    const tokenizer = new Tokenizer(BPE.empty())
    tokenizer.setPreTokenizer(byteLevelPreTokenizer(false, true))
    tokenizer.train([corpus])
    tokenizer.save(learned)
    const { model } = JSON.parse(readFileSync(learned, 'utf8')) as { model: { merges: (string | [string, string])[] } }
    return model.merges.map((pair) => (typeof pair === 'string' ? (pair.split(' ') as [string, string]) : pair))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
