import { readFile } from 'node:fs/promises'
import { Deployment } from '../deployment.ts'
import { OpenLedgerError } from '../error.ts'
import { parseManifest } from '../manifests/parse.ts'

/** @throws deployment.missing when nothing was deployed yet; manifest.malformed when the file is not a deployment */
export async function readDeployment(path: string): Promise<Deployment> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new OpenLedgerError('deployment.missing', 'The contracts of this network have not been deployed.', {
      facts: { file: path },
      nextStep: 'Run `npm start`, or deploy with `npm run deploy -- --network <name>`.',
      cause,
    })
  }
  return parseManifest(Deployment, bytes, 'deployment file')
}
