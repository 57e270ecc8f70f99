import type { AstNode, compile } from './solc.ts'

/**
 * Reads contracts and their tests as the compiler does, and lists what no test expects to fail.
 *
 * A test expects a function to fail if it names the function in the statement after `expectRevert` (calls of `vm` between them
 * do not matter), there or in a helper that this statement calls; or if it calls it in a `try` that reverts on success.
 * `expectRevert` may stand in a helper too, as the last thing that it does.
 * A function that a contract inherits is tested by a test of any contract that inherits it: the code is the same.
 */
export function missingTests(
  output: compile.Output,
  economy: readonly string[],
  tests: readonly string[],
): MissingTests {
  const nodes = new Map<number, AstNode>()
  const homes = new Map<number, AstNode>()
  for (const { ast } of Object.values(output.sources)) index(ast, undefined, nodes, homes)
  const expected = expectedToFail(
    tests.map((file) => output.sources[file]!.ast),
    nodes,
    homes,
  )

  const functions: Untested[] = []
  // What no deployed contract is made of does nothing yet that a test could see.
  const alive = new Set<number>()
  for (const file of economy) {
    for (const contract of definitionsOf(output.sources[file]!.ast)) {
      if (contract.contractKind === 'library') alive.add(contract.id)
      if (contract.contractKind !== 'contract' || contract.abstract) continue
      for (const id of contract.linearizedBaseContracts as readonly number[]) alive.add(id)
      for (const { definition, home, signature } of changingFunctions(contract, nodes, homes)) {
        const bases = contract.linearizedBaseContracts as readonly number[]
        const tested = expected.some(({ selector, homeId, ours }) => {
          return selector === definition.functionSelector && (!ours || bases.includes(homeId))
        })
        if (!tested) functions.push({ contract: contract.name as string, signature, home })
      }
    }
  }

  const testText = new Set<string>()
  for (const file of tests) collectNames(output.sources[file]!.ast, testText)
  const errors: string[] = []
  for (const file of economy) {
    visit(output.sources[file]!.ast, (node) => {
      if (node.nodeType !== 'ErrorDefinition' || testText.has(node.name as string)) return
      const home = homes.get(node.id)!
      if (home.nodeType === 'SourceUnit' || alive.has(home.id)) errors.push(node.name as string)
    })
  }
  return { functions, errors: [...new Set(errors)].sort() }

  /** Every function that some test expects to fail, by selector and the contract that declares it. */
  function expectedToFail(asts: readonly AstNode[], byId: typeof nodes, homeOf: typeof homes): Expected[] {
    const found = new Map<string, Expected>()
    const seen = new Set<number>()
    const take = (node: AstNode) => {
      visit(node, (part) => {
        if (part.nodeType !== 'MemberAccess' && part.nodeType !== 'Identifier') return
        const definition = byId.get(part.referencedDeclaration as number)
        if (definition?.nodeType !== 'FunctionDefinition') return
        const home = homeOf.get(definition.id)
        if (home === undefined) return
        if (definition.functionSelector !== undefined) {
          const ours = economy.some((file) => definitionsOf(output.sources[file]!.ast).includes(home))
          const selector = definition.functionSelector as string
          found.set(`${selector} ${home.id}`, { selector, homeId: home.id, ours })
        }
        // A helper of the tests: what it names counts as named here.
        if (definition.body && !seen.has(definition.id) && isTestCode(definition)) {
          seen.add(definition.id)
          take(definition.body as AstNode)
        }
      })
    }
    for (const ast of asts) {
      visit(ast, (node) => {
        if (node.nodeType === 'TryStatement') {
          const [success] = node.clauses as readonly AstNode[]
          if (success !== undefined && names(success.block as AstNode, 'revert')) take(node.externalCall as AstNode)
        }
        if (node.nodeType !== 'Block') return
        follow(node.statements as readonly AstNode[], take)
      })
    }
    return [...found.values()]
  }

  /** Shows `take` every statement that is expected to fail. @return whether the one after these will be */
  function follow(statements: readonly AstNode[], take: (statement: AstNode) => void): boolean {
    let pending = false
    for (const statement of statements) {
      if (isCheat(statement)) pending = pending || names(statement, 'expectRevert')
      else if (pending) {
        take(statement)
        pending = false
      } else pending = announces(statement)
    }
    return pending
  }

  /** A call of a helper of the tests that ends by expecting a failure. */
  function announces(statement: AstNode): boolean {
    const call = statement.nodeType === 'ExpressionStatement' ? (statement.expression as AstNode) : undefined
    const callee = call?.nodeType === 'FunctionCall' ? (call.expression as AstNode) : undefined
    const helper = nodes.get(callee?.referencedDeclaration as number)
    if (helper?.nodeType !== 'FunctionDefinition' || !helper.body || !isTestCode(helper)) return false
    return follow((helper.body as AstNode).statements as readonly AstNode[], () => {})
  }

  function isTestCode(definition: AstNode): boolean {
    return tests.some((file) => definitionsOf(output.sources[file]!.ast).includes(homes.get(definition.id)!))
  }
}

export type MissingTests = {
  /** Functions that change something and that no test expects to fail. */
  functions: Untested[]
  /** Errors of ours that no test names. */
  errors: string[]
}
export type Untested = { contract: string; signature: string /** Source that has the code. */; home: string }
type Expected = { selector: string; homeId: number; ours: boolean }

/** What of it the list of excuses does not excuse; and the excuses that excuse nothing. */
export function judge(missing: MissingTests, excuses: Excuses): { unexcused: string[]; idle: string[] } {
  const open = missing.functions.map(({ contract, signature, home }) => ({
    name: `${contract}.${signature}`,
    // A package's own function is excused for all contracts that inherit it at once.
    keys: home.startsWith('@') ? [`${contract}.${signature}`, signature] : [`${contract}.${signature}`],
  }))
  const unexcused = open.filter(({ keys }) => !keys.some((key) => key in excuses)).map(({ name }) => name)
  const errors = missing.errors.filter((error) => !(error in excuses))
  const used = new Set([...open.flatMap(({ keys }) => keys), ...missing.errors])
  return { unexcused: [...unexcused, ...errors], idle: Object.keys(excuses).filter((key) => !used.has(key)) }
}

/** `Contract.function(types)`, or `function(types)` for a package's function that contracts inherit, or an error's name; and why. */
export type Excuses = Readonly<Record<string, string>>

/** The contract's functions, inherited ones too, that can be called and may change something. */
function* changingFunctions(contract: AstNode, nodes: Map<number, AstNode>, homes: Map<number, AstNode>) {
  const seen = new Set<unknown>()
  for (const id of contract.linearizedBaseContracts as readonly number[]) {
    for (const definition of (nodes.get(id)?.nodes ?? []) as readonly AstNode[]) {
      if (definition.nodeType !== 'FunctionDefinition' || definition.functionSelector === undefined) continue
      if (seen.has(definition.functionSelector)) continue
      seen.add(definition.functionSelector)
      if (definition.stateMutability === 'view' || definition.stateMutability === 'pure') continue
      const { parameters } = definition.parameters as { parameters: readonly AstNode[] }
      const types = parameters.map((part) => (part.typeDescriptions as { typeString: string }).typeString)
      const short = types.map((type) =>
        type.replace(/^(struct|contract|enum) /, '').replace(/ (memory|calldata|storage.*)$/, ''),
      )
      const home = homes.get(homes.get(definition.id)!.id) ?? homes.get(definition.id)!
      yield { definition, home: home.absolutePath as string, signature: `${definition.name}(${short.join(',')})` }
    }
  }
}

/** A statement that only speaks to the test runner. */
function isCheat(statement: AstNode): boolean {
  const call = statement.expression as AstNode | undefined
  const callee = call?.expression as AstNode | undefined
  const on = callee?.expression as AstNode | undefined
  return statement.nodeType === 'ExpressionStatement' && on?.name === 'vm'
}

function names(node: AstNode, word: string): boolean {
  let found = false
  visit(node, (part) => {
    if (part.name === word || part.memberName === word) found = true
  })
  return found
}

function collectNames(node: AstNode, into: Set<string>): void {
  visit(node, (part) => {
    for (const name of [part.name, part.memberName]) if (typeof name === 'string') into.add(name)
  })
}

function definitionsOf(ast: AstNode): AstNode[] {
  return (ast.nodes as readonly AstNode[]).filter((node) => node.nodeType === 'ContractDefinition')
}

/** Every node by its number, and the contract (or, of a contract, the source) that holds it. */
function index(
  node: AstNode,
  home: AstNode | undefined,
  nodes: Map<number, AstNode>,
  homes: Map<number, AstNode>,
): void {
  nodes.set(node.id, node)
  if (home !== undefined) homes.set(node.id, home)
  const next = node.nodeType === 'ContractDefinition' || node.nodeType === 'SourceUnit' ? node : home
  for (const child of children(node)) index(child, next, nodes, homes)
}

function visit(node: AstNode, see: (node: AstNode) => void): void {
  see(node)
  for (const child of children(node)) visit(child, see)
}

function* children(node: AstNode): Iterable<AstNode> {
  for (const value of Object.values(node)) {
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part === 'object' && part !== null && 'nodeType' in part) yield part as AstNode
    }
  }
}
