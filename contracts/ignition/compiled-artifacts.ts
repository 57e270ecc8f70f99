import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Artifact, ArtifactResolver } from '@nomicfoundation/ignition-core'

const compiled = resolve(import.meta.dirname, '../compiled')

/**
 * The committed artefacts, as Ignition asks for them. A deployment so needs neither compiler nor Hardhat;
 * `generated-files.test.ts` holds that they are what the sources compile to.
 */
export const compiledArtifacts: ArtifactResolver = {
  async loadArtifact(name) {
    const stored = JSON.parse(await readFile(join(compiled, `${name}.json`), 'utf8')) as StoredArtifact
    // Nothing of ours is linked, and Ignition deploys from `bytecode` alone.
    return {
      _format: 'hh3-artifact-1',
      ...stored,
      deployedBytecode: '0x',
      linkReferences: {},
      deployedLinkReferences: {},
    }
  },
  async getBuildInfo() {
    return undefined
  },
}

type StoredArtifact = Pick<Artifact, 'contractName' | 'sourceName' | 'abi' | 'bytecode'>
