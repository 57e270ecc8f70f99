import { seededRandom } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { tinyBaseFiles } from '../../testing/tiny-files.ts'
import { ByteAutomaton, DEAD } from './byte-automaton.ts'
import { ByteVocabulary, Constraint, Constraints } from './constraint.ts'
import { jsonSchemaGrammar } from './json-schema.ts'
import { tokenBytes, tokenTexts } from './token-bytes.ts'

const schema =
  '{"type":"object","properties":{"the":{"type":"string"},"n":{"enum":["another","other","one"]}},"required":["the","n"]}'
const tokenizerJson = JSON.parse(Buffer.from(tinyBaseFiles()['tokenizer.json']!).toString('utf8'))
const bytes = tokenBytes(tokenizerJson, 300)
const END = 0

describe('Constraint', () => {
  const constraint = new Constraint(jsonSchemaGrammar(schema), new ByteVocabulary(bytes), [END])
  const automaton = new ByteAutomaton(jsonSchemaGrammar(schema))

  it('allows exactly the tokens that the grammar can read, and the end where it may end', () => {
    const random = seededRandom(4)
    for (let trial = 0; trial < 40; trial++) {
      let [state, plain] = [constraint.start, automaton.start]
      for (let step = 0; step < 60; step++) {
        const allowed = constraint.allowed(state)
        const one = (token: Uint8Array | null) =>
          token !== null && token.reduce((at, byte) => (at === DEAD ? DEAD : automaton.next(at, byte)), plain) !== DEAD
        const expected = bytes.map((token, id) => (id === END ? automaton.mayEnd(plain) : one(token)))
        expect([...allowed].map((value) => value === 1)).toEqual(expected)
        const choices = bytes.flatMap((token, id) => (id !== END && one(token) ? [id] : []))
        if (choices.length === 0) break
        const id = choices[random.below(choices.length)]!
        state = constraint.after(state, id)
        for (const byte of bytes[id]!) plain = automaton.next(plain, byte)
      }
    }
  })

  it('lets the text end where no token may follow', () => {
    expect([...constraint.allowed(DEAD)].indexOf(1)).toBe(END)
    expect(constraint.after(constraint.start, END)).toBe(DEAD)
  })

  it('is made once for a schema, and afresh after very many others', () => {
    let made = 0
    const constraints = new Constraints((text) => {
      made++
      return new Constraint(jsonSchemaGrammar(text), new ByteVocabulary(bytes), [END])
    })
    expect(constraints.of(schema)).toBe(constraints.of(schema))
    for (let i = 0; i < 40; i++) constraints.of(`{"const":${i}}`)
    constraints.of(schema)
    expect(made).toBe(42)
  })
})

describe('tokenBytes', () => {
  it('reads byte-level letters, and gives special tokens none', () => {
    const id = (token: string) => tokenizerJson.model.vocab[token] as number
    expect(Buffer.from(bytes[id('Ġthe')]!).toString()).toBe(' the')
    expect(bytes[END]).toBeNull()
    const single = new Set(bytes.filter((one) => one?.length === 1).map((one) => one![0]))
    expect(single.size).toBe(256)
    expect(tokenTexts(tokenizerJson, 300)[END]).toEqual({ token: '<|endoftext|>', bytes: null })
    expect(tokenTexts(tokenizerJson, 300)[id('Ġthe')]).toEqual({ token: ' the', bytes: [32, 116, 104, 101] })
  })

  it('reads sentence pieces: their space, and their bytes', () => {
    const vocab = { '▁the': 0, '<0x0A>': 1, é: 2 }
    const sentencePieces = { model: { vocab }, decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }] } }
    expect(tokenBytes(sentencePieces, 3).map((one) => [...one!])).toEqual([[32, 116, 104, 101], [10], [0xc3, 0xa9]])
  })
})
