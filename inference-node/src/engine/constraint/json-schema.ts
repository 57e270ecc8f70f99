/**
 * JSON Schema as a grammar of the JSON texts that meet it. What the grammar gives always meets the schema; it does not
 * give all that would: members come in the order of `properties`, members that the schema does not name do not come, and
 * white space is a space, or a new line with its indentation.
 *
 * Keywords that a grammar cannot hold are refused, never ignored: an answer "by the schema" that breaks it is worse than
 * none.
 */
import { RequestError } from '../../error.ts'
import { ByteSet, counted, literal, optional, type Part, Rule, repeated, type Sequence } from './byte-grammar.ts'

/** Characters of a schema's JSON. */
const MAX_LENGTH = 16_384
const MAX_DEPTH = 24
/** Parts that a schema may unfold to: counts within counts multiply. */
const MAX_PARTS = 20_000
const MAX_COUNT = 1000
const MAX_INDENTATION = 16

/** Keywords that change nothing about which texts are valid. */
const NOTES = ['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated']
const COMMON = ['type', 'enum', 'const', 'anyOf', '$ref', '$defs', 'definitions', ...NOTES]
const KEYWORDS: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: [],
  integer: [],
  boolean: [],
  null: [],
}
const ALL_KEYWORDS = new Set([...COMMON, ...Object.values(KEYWORDS).flat()])

/** The schema of any JSON object: what `response_format: json_object` means. */
export const ANY_OBJECT = '{"type":"object"}'

/**
 * @param text a JSON Schema as JSON; the order of its `properties` is the order in which they are written
 * @throws schema.unsupported, schema.invalid
 */
export function jsonSchemaGrammar(text: string): Rule {
  if (text.length > MAX_LENGTH) throw unsupported('', `more than ${MAX_LENGTH} characters`)
  if (depthOf(text) > MAX_DEPTH) throw unsupported('', `more than ${MAX_DEPTH} levels`)
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    throw invalid('', 'it is not JSON')
  }
  return new Compiler(schema).rule
}

class Compiler {
  readonly rule: Rule
  readonly #root: unknown
  readonly #references = new Map<string, Rule>()
  #parts = 0

  constructor(root: unknown) {
    this.#root = root
    this.rule = this.#reference('#', '')
    this.#refuseEndless()
  }

  #compile(schema: unknown, path: string): Rule {
    if (schema === true) return ANY
    if (!isObject(schema)) throw invalid(path, 'a schema is an object or true')
    for (const keyword of Object.keys(schema)) {
      if (!ALL_KEYWORDS.has(keyword)) throw unsupported(`${path}/${keyword}`, `the keyword ${keyword.slice(0, 40)}`)
    }
    if (schema.$ref !== undefined) return this.#alone(schema, '$ref', path, () => this.#reference(schema.$ref, path))
    if (schema.anyOf !== undefined) {
      return this.#alone(schema, 'anyOf', path, () => {
        const options = listOf(schema.anyOf, `${path}/anyOf`)
        return new Rule(...options.map((option, i) => [this.#compile(option, `${path}/anyOf/${i}`)]))
      })
    }
    if (schema.const !== undefined) return this.#alone(schema, 'const', path, () => this.#values([schema.const]))
    if (schema.enum !== undefined) {
      return this.#alone(schema, 'enum', path, () => this.#values(listOf(schema.enum, `${path}/enum`)))
    }
    return this.#typed(schema, path)
  }

  #typed(schema: Json, path: string): Rule {
    const types = schema.type === undefined ? impliedTypes(schema) : [schema.type].flat()
    if (types.length === 0) return ANY
    for (const type of types) {
      if (typeof type !== 'string' || !Object.hasOwn(KEYWORDS, type)) throw invalid(`${path}/type`, 'no such type')
    }
    const places = new Set((types as string[]).flatMap((type) => KEYWORDS[type]!))
    const stray = Object.keys(schema).find((keyword) => !COMMON.includes(keyword) && !places.has(keyword))
    if (stray !== undefined) throw invalid(`${path}/${stray}`, `it says nothing about ${types.join(' or ')}`)
    return new Rule(...(types as string[]).map((type) => this.#counted(this.#ofType(type, schema, path))))
  }

  #ofType(type: string, schema: Json, path: string): Sequence {
    switch (type) {
      case 'object':
        return this.#object(schema, path)
      case 'array':
        return this.#array(schema, path)
      case 'string':
        return this.#string(schema, path)
      case 'number':
        return NUMBER
      case 'integer':
        return INTEGER
      case 'boolean':
        return [new Rule(literal('true'), literal('false'))]
      default:
        return literal('null')
    }
  }

  #object(schema: Json, path: string): Sequence {
    const properties = schema.properties ?? {}
    if (!isObject(properties)) throw invalid(`${path}/properties`, 'it must be an object')
    const names = Object.keys(properties)
    const required = schema.required === undefined ? [] : listOf(schema.required, `${path}/required`, 0)
    const unnamed = required.find((name) => typeof name !== 'string' || !Object.hasOwn(properties, name))
    if (unnamed !== undefined) throw unsupported(`${path}/required`, 'a required member without a schema')
    if (names.length === 0) return this.#openObject(schema, path)
    this.#checkAdditional(schema, path)
    // From the last member to the first: what may follow when there was a member before, and when there was none.
    let [later, first] = [new Rule([]), new Rule([])]
    for (const name of names.reverse()) {
      const value = this.#compile(properties[name], `${path}/properties/${escaped(name)}`)
      const member = this.#counted([...literal(JSON.stringify(name)), SPACE, ...literal(':'), SPACE, value])
      const isRequired = required.includes(name)
      const alone: Sequence = [...member, later]
      const further: Sequence = [SPACE, ...literal(','), SPACE, ...member, later]
      first = isRequired ? new Rule(alone) : new Rule(alone, [first])
      later = isRequired ? new Rule(further) : new Rule(further, [later])
    }
    return [...literal('{'), SPACE, first, SPACE, ...literal('}')]
  }

  /** Without named members: any names, each with a value of `additionalProperties`. */
  #openObject(schema: Json, path: string): Sequence {
    const { additionalProperties: additional = true } = schema
    if (additional === false) return [...literal('{'), SPACE, ...literal('}')]
    const value = this.#compile(additional, `${path}/additionalProperties`)
    return objectOf(value)
  }

  /** Checked, and then not used: members beyond `properties` are never written. */
  #checkAdditional({ additionalProperties }: Json, path: string): void {
    if (typeof additionalProperties === 'boolean' || additionalProperties === undefined) return
    this.#compile(additionalProperties, `${path}/additionalProperties`)
  }

  #array(schema: Json, path: string): Sequence {
    const [least, most] = this.#range(schema, 'minItems', 'maxItems', path)
    const item = schema.items === undefined ? ANY : this.#compile(schema.items, `${path}/items`)
    return arrayOf(item, least, most)
  }

  #string(schema: Json, path: string): Sequence {
    const [least, most] = this.#range(schema, 'minLength', 'maxLength', path)
    return [...literal('"'), ...times(least, most, CHARACTER), ...literal('"')]
  }

  #range(schema: Json, least: string, most: string, path: string): [least: number, most: number] {
    const bounds = range(schema, least, most, path)
    this.#count(Number.isFinite(bounds[1]) ? bounds[1] : bounds[0])
    return bounds
  }

  #values(values: readonly unknown[]): Rule {
    return new Rule(...values.map((value) => this.#counted(literal(JSON.stringify(value)))))
  }

  #reference(reference: unknown, path: string): Rule {
    if (typeof reference !== 'string') throw invalid(`${path}/$ref`, 'it must be a text')
    const known = this.#references.get(reference)
    if (known !== undefined) return known
    const rule = new Rule()
    this.#references.set(reference, rule)
    rule.alternatives = [[this.#compile(this.#lookUp(reference, path), reference)]]
    return rule
  }

  #lookUp(reference: string, path: string): unknown {
    if (!/^#(\/|$)/.test(reference)) throw unsupported(`${path}/$ref`, 'a reference to another document')
    let found: unknown = this.#root
    for (const step of reference.split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
      const holds = (isObject(found) || Array.isArray(found)) && Object.hasOwn(found, name)
      if (!holds) throw invalid(`${path}/$ref`, 'nothing lies where it points')
      found = (found as Json)[name]
    }
    return found
  }

  /** A keyword that decides alone: what stands beside it would have to hold too. */
  #alone(schema: Json, keyword: string, path: string, compile: () => Rule): Rule {
    const beside = Object.keys(schema).find(
      (other) => other !== keyword && !NOTES.includes(other) && !isHarmless(other),
    )
    if (beside === undefined || (beside === 'type' && /^(const|enum)$/.test(keyword))) return compile()
    throw unsupported(`${path}/${beside}`, `${beside} beside ${keyword}`)
  }

  #counted(sequence: Sequence): Sequence {
    this.#count(sequence.length)
    return sequence
  }

  #count(parts: number): void {
    this.#parts += parts
    if (this.#parts > MAX_PARTS) throw unsupported('', `a grammar of more than ${MAX_PARTS} parts`)
  }

  /** A reference that only leads to itself describes nothing. */
  #refuseEndless(): void {
    for (const [reference, rule] of this.#references) {
      if (beginsWith(rule, rule, new Set())) throw invalid(reference, 'it refers to nothing but itself')
    }
  }
}

/** Whether a rule can begin with another before any byte. */
function beginsWith(rule: Rule, wanted: Rule, seen: Set<Rule>): boolean {
  if (seen.has(rule)) return false
  seen.add(rule)
  return rule.alternatives.some(
    ([first]) => first instanceof Rule && (first === wanted || beginsWith(first, wanted, seen)),
  )
}

function isHarmless(keyword: string): boolean {
  return keyword === '$defs' || keyword === 'definitions'
}

function impliedTypes(schema: Json): string[] {
  return Object.keys(KEYWORDS).filter((type) => KEYWORDS[type]!.some((keyword) => schema[keyword] !== undefined))
}

function range(schema: Json, least: string, most: string, path: string): [least: number, most: number] {
  const read = (keyword: string, fallback: number) => {
    const value = schema[keyword] ?? fallback
    if (value === Number.POSITIVE_INFINITY) return value
    if (!Number.isInteger(value) || (value as number) < 0) throw invalid(`${path}/${keyword}`, 'it must be a count')
    if ((value as number) > MAX_COUNT) throw unsupported(`${path}/${keyword}`, `a count above ${MAX_COUNT}`)
    return value as number
  }
  const bounds: [number, number] = [read(least, 0), read(most, Number.POSITIVE_INFINITY)]
  if (bounds[0] > bounds[1]) throw invalid(`${path}/${most}`, `it is below ${least}`)
  return bounds
}

function times(least: number, most: number, part: Part): Sequence {
  return most === Number.POSITIVE_INFINITY
    ? [...counted(least, least, part), repeated(part)]
    : counted(least, most, part)
}

function arrayOf(item: Part, least: number, most: number): Sequence {
  const [open, close] = [literal('['), literal(']')]
  if (most === 0) return [...open, SPACE, ...close]
  const further = new Rule([SPACE, ...literal(','), SPACE, item])
  const some: Sequence = [item, ...times(Math.max(least - 1, 0), most - 1, further)]
  return [...open, SPACE, ...(least === 0 ? [optional(...some)] : some), SPACE, ...close]
}

function objectOf(value: Part): Sequence {
  const member: Sequence = [...TEXT, SPACE, ...literal(':'), SPACE, value]
  const some: Sequence = [...member, repeated(SPACE, ...literal(','), SPACE, ...member)]
  return [...literal('{'), SPACE, optional(...some), SPACE, ...literal('}')]
}

const set = (...ranges: (readonly [number, number])[]) => new ByteSet(...ranges)
const TAIL = set([0x80, 0xbf])
const HEX = set([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])

/** A space, or a new line with its indentation, or nothing. Bounded: a model may like spaces without end. */
const SPACE = new Rule([], literal(' '), [...literal('\n'), ...counted(0, MAX_INDENTATION, ...literal(' '))])

/** One character of a string: well-formed UTF-8, or an escape, of which none is half of a surrogate pair. */
const CHARACTER = new Rule(
  [set([0x20, 0x21], [0x23, 0x5b], [0x5d, 0x7f])],
  [set([0xc2, 0xdf]), TAIL],
  [set([0xe0, 0xe0]), set([0xa0, 0xbf]), TAIL],
  [set([0xe1, 0xec], [0xee, 0xef]), TAIL, TAIL],
  [set([0xed, 0xed]), set([0x80, 0x9f]), TAIL],
  [set([0xf0, 0xf0]), set([0x90, 0xbf]), TAIL, TAIL],
  [set([0xf1, 0xf3]), TAIL, TAIL, TAIL],
  [set([0xf4, 0xf4]), set([0x80, 0x8f]), TAIL, TAIL],
  [...literal('\\'), new ByteSet(...[...'"\\/bfnrt'].map((c) => [c.charCodeAt(0), c.charCodeAt(0)] as const))],
  [...literal('\\u'), set([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]), HEX, HEX, HEX],
  [...literal('\\u'), set([0x44, 0x44], [0x64, 0x64]), set([0x30, 0x37]), HEX, HEX],
)
const TEXT: Sequence = [...literal('"'), repeated(CHARACTER), ...literal('"')]

const DIGIT = set([0x30, 0x39])
/** Up to 16 digits: what a double holds, and an end for models that like digits. */
const INTEGER: Sequence = [
  optional(...literal('-')),
  new Rule(literal('0'), [set([0x31, 0x39]), ...counted(0, 15, DIGIT)]),
]
const NUMBER: Sequence = [
  ...INTEGER,
  optional(...literal('.'), ...counted(1, 16, DIGIT)),
  optional(set([0x45, 0x45], [0x65, 0x65]), optional(set([0x2b, 0x2b], [0x2d, 0x2d])), ...counted(1, 2, DIGIT)),
]

const ANY = new Rule()
ANY.alternatives = [
  TEXT,
  NUMBER,
  literal('true'),
  literal('false'),
  literal('null'),
  objectOf(ANY),
  arrayOf(ANY, 0, Number.POSITIVE_INFINITY),
]

/** Levels of brackets in a JSON text, found without recursion: a parser's stack must not be what ends. */
function depthOf(text: string): number {
  let [depth, deepest, isInText] = [0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (isInText) {
      if (character === '\\') i++
      else if (character === '"') isInText = false
    } else if (character === '"') isInText = true
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}

function listOf(value: unknown, path: string, least = 1): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least) return value
  throw invalid(path, 'it must be a list that is not empty')
}

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escaped(name: string): string {
  return name.slice(0, 40).replaceAll('~', '~0').replaceAll('/', '~1')
}

function unsupported(path: string, what: string): RequestError {
  return new RequestError('schema.unsupported', `The JSON Schema uses what this node cannot hold to: ${what}.`, {
    status: 400,
    param: 'response_format',
    facts: { at: path || '#' },
    nextStep: `Use these keywords only: ${[...ALL_KEYWORDS].join(', ')}.`,
  })
}

function invalid(path: string, why: string): RequestError {
  return new RequestError('schema.invalid', `The JSON Schema is invalid: ${why}.`, {
    status: 400,
    param: 'response_format',
    facts: { at: path || '#' },
    nextStep: 'Correct the schema at the named place.',
  })
}
