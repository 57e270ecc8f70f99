import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteAutomaton, DEAD } from './byte-automaton.ts'
import { jsonSchemaGrammar } from './json-schema.ts'

/** Whether the grammar of a schema holds the whole text. */
function holds(schema: unknown, text: string): boolean {
  const automaton = new ByteAutomaton(jsonSchemaGrammar(JSON.stringify(schema)))
  let state = automaton.start
  for (const byte of new TextEncoder().encode(text)) {
    state = automaton.next(state, byte)
    if (state === DEAD) return false
  }
  return automaton.mayEnd(state)
}

/** A text of the grammar, chosen by the numbers given; shortest ends are sought when they run out. */
function write(schema: unknown, choices: readonly number[]): string {
  const automaton = new ByteAutomaton(jsonSchemaGrammar(JSON.stringify(schema)))
  const bytes: number[] = []
  let state = automaton.start
  for (let step = 0; step < 3000; step++) {
    const next = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => automaton.next(state, byte) !== DEAD)
    const isLate = step >= choices.length
    if (automaton.mayEnd(state) && (isLate || next.length === 0)) return Buffer.from(bytes).toString('utf8')
    // What closes comes first when it is late.
    const closing = [...'"}]0:e'].map((c) => c.charCodeAt(0)).find((byte) => next.includes(byte))
    const byte = isLate ? (closing ?? next.find((one) => one > 0x20)!) : next[choices[step]! % next.length]!
    bytes.push(byte)
    state = automaton.next(state, byte)
  }
  return Buffer.from(bytes).toString('utf8')
}

const person = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 },
  },
  required: ['name', 'tags'],
  additionalProperties: false,
}

describe('jsonSchemaGrammar', () => {
  it.each([
    [person, '{"name":"x","tags":[]}'],
    [person, '{ "name": "x", "age": -3, "tags": ["a", "b"] }'],
    [person, '{\n  "name": "é\\u00e9\\n",\n  "tags": ["a"]\n}'],
    [{ type: 'object' }, '{}'],
    [{ type: 'object' }, '{"a":{"b":[1,2.5e3,null,true,"x"]}}'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, '{"a":1,"b":0.5}'],
    [true, '[[],{}]'],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"éa"'],
    [{ type: ['string', 'null'] }, 'null'],
    [{ const: { a: [1] } }, '{"a":[1]}'],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'false'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, '[1,2,3,4]'],
    [{ type: 'integer' }, '-0'],
  ])('holds what meets %j: %s', (schema, text) => {
    expect(holds(schema, text)).toBe(true)
  })

  it.each([
    [person, '{"name":"x"}'],
    [person, '{"name":"x","tags":[],"other":1}'],
    [person, '{"tags":[],"name":"x"}'],
    [person, '{"name":"x","tags":["a","b","a"]}'],
    [person, '{"name":"x","tags":["c"]}'],
    [person, '{"name":"x","tags":[]'],
    [{ type: 'object' }, '{"a":1,}'],
    [{ type: 'object' }, '[1]'],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '"abcd"'],
    [{ type: 'string', minLength: 2 }, '"é"'],
    [{ type: 'string' }, '"\\ud800"'],
    [{ type: 'string' }, '"a\nb"'],
    [{ type: 'integer' }, '01'],
    [{ type: 'integer' }, '1.5'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, '[1]'],
    [{ type: 'array', maxItems: 0 }, '[1]'],
  ])('does not hold what breaks %j: %s', (schema, text) => {
    expect(holds(schema, text)).toBe(false)
  })

  it('holds lists and trees that refer to themselves', () => {
    const tree = {
      $defs: {
        node: {
          type: 'object',
          properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
          required: ['value', 'next'],
        },
      },
      $ref: '#/$defs/node',
    }
    expect(holds(tree, '{"value":1,"next":{"value":2,"next":null}}')).toBe(true)
    expect(holds(tree, '{"value":1,"next":{"value":2}}')).toBe(false)
  })

  it('writes texts that parse and have the members asked for, whatever is chosen on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 255 }), { maxLength: 120 }), (choices) => {
        const value = JSON.parse(write(person, choices)) as { name: string; tags: string[]; age?: number }
        expect(typeof value.name).toBe('string')
        expect(value.name.isWellFormed()).toBe(true)
        expect(value.tags.every((tag) => tag === 'a' || tag === 'b') && value.tags.length <= 2).toBe(true)
        if (value.age !== undefined) expect(Number.isInteger(value.age)).toBe(true)
        expect(typeof JSON.parse(write({ type: 'object' }, choices))).toBe('object')
      }),
      { numRuns: 60, seed: 11 },
    )
  })

  it.each([
    [{ type: 'string', pattern: '^a' }, 'schema.unsupported', '/pattern'],
    [{ type: 'string', format: 'email' }, 'schema.unsupported', '/format'],
    [{ type: 'integer', minimum: 3 }, 'schema.unsupported', '/minimum'],
    [{ oneOf: [{ type: 'string' }] }, 'schema.unsupported', '/oneOf'],
    [{ not: {} }, 'schema.unsupported', '/not'],
    [{ type: 'object', properties: { a: { allOf: [] } } }, 'schema.unsupported', '/properties/a/allOf'],
    [{ anyOf: [{ type: 'string' }], type: 'string' }, 'schema.unsupported', '/type'],
    [{ type: 'object', required: ['a'] }, 'schema.unsupported', '/required'],
    [{ $ref: 'https://example.org/schema' }, 'schema.unsupported', '/$ref'],
    [{ type: 'string', maxLength: 1e6 }, 'schema.unsupported', '/maxLength'],
    [{ type: 'strong' }, 'schema.invalid', '/type'],
    [{ type: '__proto__' }, 'schema.invalid', '/type'],
    [{ $ref: '#/$defs/a' }, 'schema.invalid', '/$ref'],
    [{ $ref: '#' }, 'schema.invalid', '#'],
    [{ anyOf: [{ $ref: '#' }, { type: 'null' }] }, 'schema.invalid', '#'],
    [{ type: 'array', minItems: 3, maxItems: 2 }, 'schema.invalid', '/maxItems'],
    [{ type: 'string', items: {} }, 'schema.invalid', '/items'],
    [{ enum: [] }, 'schema.invalid', '/enum'],
    [7, 'schema.invalid', '#'],
  ])('refuses %j', (schema, code, at) => {
    const refused = expect.objectContaining({ code, status: 400, facts: { at: expect.stringContaining(at) } })
    expect(() => jsonSchemaGrammar(JSON.stringify(schema))).toThrow(refused)
  })

  it('refuses what is too large or too deep before it reads it', () => {
    expect(() => jsonSchemaGrammar(`{"description":"${'x'.repeat(20_000)}"}`)).toThrow(/characters/)
    expect(() => jsonSchemaGrammar(`${'{"items":'.repeat(1500)}true${'}'.repeat(1500)}`)).toThrow(/levels/)
    const wide = {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`p${i}`, { type: 'string', maxLength: 1000 }]),
      ),
    }
    expect(() => jsonSchemaGrammar(JSON.stringify(wide))).toThrow(/parts/)
  })
})
