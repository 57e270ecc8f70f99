import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { CONTRACT_NAMES } from '@openledger/protocol'
import hre from 'hardhat'

const root = resolve(import.meta.dirname, '..')

/**
 * Compiles and returns the files that are committed from it, by path from the repository's root:
 * ABIs for TypeScript, and artefacts, so that deploying needs no compiler (a cold compile takes minutes).
 */
export async function generatedFiles(): Promise<Map<string, string>> {
  await hre.tasks.getTask('build').run({ quiet: true, noTests: true })
  const files = new Map<string, string>()
  for (const name of CONTRACT_NAMES) {
    const { abi } = await hre.artifacts.readArtifact(name)
    const source = `// Generated from contracts/ by \`npm run generate\`. Do not edit.\nexport const ${name}Abi = ${JSON.stringify(withoutInternalTypes(abi))} as const\n`
    files.set(`packages/protocol/src/abi/${name}.ts`, source)
  }
  const index = [...CONTRACT_NAMES].sort().map((name) => `export { ${name}Abi } from './${name}.ts'`)
  files.set('packages/protocol/src/abi/index.ts', `${index.join('\n')}\n`)
  for (const name of [...CONTRACT_NAMES, 'ERC1967Proxy']) {
    const { contractName, sourceName, abi, bytecode } = await hre.artifacts.readArtifact(name)
    files.set(`contracts/compiled/${name}.json`, JSON.stringify({ contractName, sourceName, abi, bytecode }))
  }
  return new Map([...files].map(([path, content]) => [path, formatted(path, content)]))
}

/** What is committed now, for comparison; undefined for a file that is absent. */
export async function committedFile(path: string): Promise<string | undefined> {
  return readFile(resolve(root, path), 'utf8').catch(() => undefined)
}

/** `internalType` tells a Solidity reader what TypeScript cannot use; it is most of the text. */
function withoutInternalTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInternalTypes)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'internalType')
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutInternalTypes(part)]))
}

/**
 * As the project's formatter would leave it, so that formatting never makes a committed file differ. It is asked by the bare
 * name: whether the formatter is told to skip the file's folder then makes no difference either.
 */
function formatted(path: string, content: string): string {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  const parameters = [biome, 'format', `--stdin-file-path=${basename(path)}`]
  return execFileSync(process.execPath, parameters, { cwd: root, input: content, encoding: 'utf8' })
}
