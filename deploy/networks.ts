/** Prints the deployment's places as graph-cli's `networks.json` words them: `node deploy/networks.ts > networks.json`. */
import { networksOf } from '@openledger/cli/stack'
import { readDeployment } from '@openledger/protocol/service'

const file = process.env.OPENLEDGER_DEPLOYMENT ?? '.openledger/deployment.json'
process.stdout.write(`${JSON.stringify(networksOf(await readDeployment(file)), null, 2)}\n`)
