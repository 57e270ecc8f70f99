import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installTarball } from './install-tarball.ts'

/** The package as npm would take it, in a project that knows nothing of this repository. */
const root = resolve(import.meta.dirname, '..')
const sdk = join(root, 'packages/sdk')

/** Most of it are ethers, openai and the contracts' ABIs. */
const MAX_BUNDLE_CHARACTERS = 2_500_000

let consumer: string
let packed: { name: string; files: { path: string }[] }

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'sdk-consumer-'))
  execFileSync(process.execPath, [join(sdk, 'build.ts')], { stdio: 'pipe' })
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', consumer], {
    cwd: join(sdk, 'dist'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [tarball] = JSON.parse(output)
  packed = tarball
  const homes = ['sdk', 'protocol'].map((name) => join(root, 'packages', name))
  installTarball(consumer, join(consumer, tarball.filename), '@openledger/sdk', homes)
  writeFileSync(join(consumer, 'package.json'), '{"type": "module"}')
})
afterAll(() => rmSync(consumer, { recursive: true, force: true }))

test('the tarball holds code, types, licence and a readme, and no sources or tests', () => {
  const paths = packed.files.map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'sdk/src/index.js']))
  expect(paths.filter((path) => !/(\.js|\.d\.ts|LICENSE|README\.md|package\.json)$/.test(path))).toEqual([])
  expect(paths.filter((path) => path.includes('.test.'))).toEqual([])
})

test('a project in Node imports it, and it works', () => {
  const script = `
    import { depositCalls, OpenLedger, OpenLedgerError, parseOpen, prepareContribution } from '@openledger/sdk'
    const contracts = new Proxy({}, { get: () => ({ address: '0x' + '2'.repeat(40) }) })
    const network = { chainId: 1, contracts, startBlock: 0, urls: { api: '', rpc: 'http://127.0.0.1:1', inference: '' } }
    const calls = depositCalls(network, '0x' + '1'.repeat(40), parseOpen('1'))
    const openledger = new OpenLedger(network)
    let code
    try { openledger.signer } catch (error) { code = error instanceof OpenLedgerError && error.code }
    openledger.close()
    console.log(JSON.stringify({ methods: calls.map(({ method }) => method), code }))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: consumer,
    encoding: 'utf8',
  })
  expect(JSON.parse(output)).toEqual({ methods: ['approve', 'deposit'], code: 'signer.missing' })
})

test('a project in TypeScript knows its types, with sources of ours nowhere near', () => {
  const file = join(consumer, 'consumer.ts')
  writeFileSync(
    file,
    `import { OpenLedger, type Verification } from '@openledger/sdk'
export async function check(receipt: string): Promise<Verification> {
  const openledger = await OpenLedger.connect('http://127.0.0.1:4000')
  const { shares } = await openledger.explain(receipt)
  // @ts-expect-error amounts are decimal strings, not numbers
  const amount: number = shares[0]!.amountWei
  return openledger.verify(receipt + amount)
}
`,
  )
  const options = '--noEmit --strict --module nodenext --target es2024 --lib es2024,dom --types --skipLibCheck'.split(
    ' ',
  )
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const run = () => execFileSync(process.execPath, [compiler, ...options, file], { cwd: consumer, encoding: 'utf8' })
  expect(run).not.toThrow()
})

test('a bundle for browsers needs nothing of Node', async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: "export { OpenLedger } from '@openledger/sdk'", resolveDir: consumer },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  // esbuild refuses to bundle what a browser lacks; what it left as an import would stand here.
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  expect(imports).toEqual([])
  expect(outputFiles[0]!.text.length).toBeLessThan(MAX_BUNDLE_CHARACTERS)
})
