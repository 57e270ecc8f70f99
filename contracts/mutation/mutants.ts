/**
 * Mutants of the contracts: each is one small mistake that somebody could have made, and that some test must notice.
 * They come from the compiler's syntax tree, so that nothing is changed but code that runs. Left out: assembly's control flow,
 * and changes that could only make a loop endless.
 */
import type { AstNode } from '../checks/solc.ts'

/** All mutants of one source, in the order of the text. */
export function mutantsOf(file: string, text: string, ast: AstNode): Mutant[] {
  const bytes = Buffer.from(text)
  const found: Draft[] = []
  visit(ast, { within: '', loopStep: false, looping: false }, bytes, found)
  found.sort((a, b) => a.start - b.start || a.end - b.end || (a.after < b.after ? -1 : 1))
  const seen = new Map<string, number>()
  return found.map(({ start, end, operator, after, within, looping }) => {
    const before = bytes.subarray(start, end).toString()
    const key = JSON.stringify([file, within, operator, before, after])
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    const line = bytes.subarray(0, start).toString().split('\n').length
    return { file, within, operator, before, after, nth, line, start, end, looping }
  })
}

/** The source with the mutant in it. */
export function mutated(text: string, { start, end, after }: Pick<Mutant, 'start' | 'end' | 'after'>): string {
  const bytes = Buffer.from(text)
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(after), bytes.subarray(end)]).toString()
}

export type Mutant = {
  file: string
  /** Function, modifier or constant that holds it. */
  within: string
  operator: string
  before: string
  after: string
  /** Which of several alike in the same function, from 1. */
  nth: number
  /** For people: lines move, so nothing is keyed by them. */
  line: number
  /** Bytes [start, end) of the source. */
  start: number
  end: number
  /** It lies in a loop, which may therefore never end. */
  looping: boolean
}

type Draft = Pick<Mutant, 'start' | 'end' | 'operator' | 'after' | 'within' | 'looping'>
type Place = { within: string; loopStep: boolean; looping: boolean }

const BINARY: Readonly<Record<string, readonly [operator: string, ...replacements: string[]]>> = {
  '<': ['boundary', '<=', '>='],
  '<=': ['boundary', '<', '>'],
  '>': ['boundary', '>=', '<='],
  '>=': ['boundary', '>', '<'],
  '==': ['relational', '!='],
  '!=': ['relational', '=='],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '%': ['arithmetic', '*'],
  '&&': ['logical', '||'],
  '||': ['logical', '&&'],
  '&': ['bitwise', '|'],
  '|': ['bitwise', '&'],
  '^': ['bitwise', '|'],
  '<<': ['bitwise', '>>'],
  '>>': ['bitwise', '<<'],
}
const ASSIGNMENT: Readonly<Record<string, string>> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '|=': '&=',
  '&=': '|=',
}
const YUL: Readonly<Record<string, string>> = {
  add: 'sub',
  sub: 'add',
  shl: 'shr',
  shr: 'shl',
  and: 'or',
  xor: 'or',
  lt: 'gt',
}

/** Nothing that runs lies below these. */
const SKIPPED = new Set([
  'ImportDirective',
  'PragmaDirective',
  'StructuredDocumentation',
  'InheritanceSpecifier',
  'UsingForDirective',
  'EventDefinition',
  'ErrorDefinition',
  'StructDefinition',
  'EnumDefinition',
  'UserDefinedValueTypeDefinition',
  'OverrideSpecifier',
  'ArrayTypeName',
  'Mapping',
  'ParameterList',
])

const LOOPS = new Set(['ForStatement', 'WhileStatement', 'DoWhileStatement', 'YulForLoop'])

function visit(node: AstNode, place: Place, bytes: Buffer, found: Draft[]): void {
  if (SKIPPED.has(node.nodeType)) return
  const loops = LOOPS.has(node.nodeType) || place.looping
  const here = { ...placeOf(node, place), looping: loops }
  const [start, end] = span(node)
  const add = (operator: string, from: number, to: number, after: string) => {
    found.push({ start: from, end: to, operator, after, within: here.within, looping: here.looping })
  }
  switch (node.nodeType) {
    case 'BinaryOperation': {
      const [left, right] = [node.leftExpression as AstNode, node.rightExpression as AstNode]
      const sign = node.operator as string
      const at = bytes.indexOf(sign, span(left)[1])
      const [operator, ...replacements] = BINARY[sign] ?? ['none']
      if (at < 0 || at >= span(right)[0]) break
      for (const after of replacements) add(operator, at, at + sign.length, after)
      break
    }
    case 'Assignment': {
      const sign = node.operator as string
      const after = ASSIGNMENT[sign]
      const at = bytes.indexOf(sign, span(node.leftHandSide as AstNode)[1])
      if (after !== undefined) add('arithmetic', at, at + sign.length, after)
      break
    }
    case 'UnaryOperation': {
      const sign = node.operator as string
      const at = node.prefix ? start : end - sign.length
      if (sign === '!' || sign === '~') add('logical', start, start + 1, '')
      // A loop that counts the other way round ends by underflow, or never.
      if (!place.loopStep && sign === '++') add('arithmetic', at, at + 2, '--')
      if (!place.loopStep && sign === '--') add('arithmetic', at, at + 2, '++')
      break
    }
    case 'Literal': {
      const text = bytes.subarray(start, end).toString()
      if (node.kind === 'bool') add('constant', start, end, text === 'true' ? 'false' : 'true')
      // An address is no number to add to, and 0 has nothing below it.
      if (node.kind !== 'number' || (text.startsWith('0x') && text.length === 42)) break
      add('constant', start, end, `(${text} + 1)`)
      if (!/^0(x0+)?$/.test(text)) add('constant', start, end, `(${text} - 1)`)
      break
    }
    case 'ExpressionStatement':
    case 'EmitStatement':
    case 'Return':
      if (place.loopStep || (node.nodeType === 'Return' && !node.expression)) break
      add(deletion(node), start, bytes.indexOf(';', end - 1) + 1, '{}')
      break
    case 'IfStatement':
    case 'Conditional': {
      const [from, to] = span(node.condition as AstNode)
      for (const after of ['true', 'false']) add('condition', from, to, after)
      break
    }
    case 'ModifierInvocation':
      if (node.kind === 'modifierInvocation') add('deleted modifier', start, end, '')
      break
    case 'FunctionCall':
      swapArguments(node, bytes, add)
      break
    case 'YulFunctionCall': {
      const name = node.functionName as AstNode
      const after = YUL[name.name as string]
      if (after !== undefined) add('assembly', ...span(name), after)
      break
    }
  }
  for (const [field, child] of childrenOf(node)) {
    visit(
      child,
      {
        ...here,
        loopStep:
          (node.nodeType === 'ForStatement' && field === 'loopExpression') ||
          (place.loopStep && node.nodeType === 'ExpressionStatement'),
      },
      bytes,
      found,
    )
  }
}

function deletion(node: AstNode): string {
  const call = node.expression as AstNode | undefined
  const callee = call?.nodeType === 'FunctionCall' ? (call.expression as AstNode) : undefined
  return callee?.name === 'require' ? 'deleted require' : 'deleted statement'
}

/** The first two neighbours of one type trade places, if they are spelt differently. */
function swapArguments(
  node: AstNode,
  bytes: Buffer,
  add: (operator: string, from: number, to: number, after: string) => void,
): void {
  const list = node.arguments as readonly AstNode[]
  if (node.kind === 'typeConversion' || (node.names as readonly string[]).length > 0) return
  const typeOf = (part: AstNode) => (part.typeDescriptions as { typeString?: string }).typeString
  for (let i = 0; i + 1 < list.length; ++i) {
    const [one, other] = [list[i]!, list[i + 1]!]
    const [a, b] = [span(one), span(other)]
    const [left, right] = [bytes.subarray(...a).toString(), bytes.subarray(...b).toString()]
    if (typeOf(one) !== typeOf(other) || left === right) continue
    add('swapped arguments', a[0], b[1], `${right}${bytes.subarray(a[1], b[0])}${left}`)
    return
  }
}

function placeOf(node: AstNode, place: Place): Place {
  const named =
    node.nodeType === 'FunctionDefinition' ||
    node.nodeType === 'ModifierDefinition' ||
    (node.nodeType === 'VariableDeclaration' && node.stateVariable === true)
  if (!named) return place
  return { ...place, within: (node.name as string) || (node.kind as string) }
}

function span(node: AstNode): [start: number, end: number] {
  const [start, length] = node.src.split(':').map(Number) as [number, number]
  return [start, start + length]
}

function* childrenOf(node: AstNode): Iterable<[field: string, child: AstNode]> {
  for (const [field, value] of Object.entries(node)) {
    // What a statement declares are names and types, not code; a parameter list is skipped for the same reason.
    if (field === 'declarations' || field === 'typeName' || field === 'typeDescriptions') continue
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part === 'object' && part !== null && 'nodeType' in part) yield [field, part as AstNode]
    }
  }
}
