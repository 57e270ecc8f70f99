import { readFileSync } from 'node:fs'
import { createConfig } from 'ponder'
import * as abis from '../../../packages/protocol/src/abi/index'

const { contracts } = JSON.parse(readFileSync(process.env.PEER_DEPLOYMENT!, 'utf8'))
const at = <Abi>(name: string, abi: Abi) =>
  ({ chain: 'openledger', abi, address: contracts[name].address, startBlock: contracts[name].block }) as const

/** The contracts that the mixture of `bench/index/mixture.ts` goes through. */
export default createConfig({
  database: { kind: 'postgres', connectionString: process.env.PEER_DATABASE_URL! },
  chains: { openledger: { id: 31_337, rpc: process.env.PEER_RPC_URL!, pollingInterval: 250 } },
  contracts: {
    OpenToken: at('OpenToken', abis.OpenTokenAbi),
    LineageRegistry: at('LineageRegistry', abis.LineageRegistryAbi),
    InferenceEscrow: at('InferenceEscrow', abis.InferenceEscrowAbi),
    RewardDistributor: at('RewardDistributor', abis.RewardDistributorAbi),
    RootCourt: at('RootCourt', abis.RootCourtAbi),
    AgentStaking: at('AgentStaking', abis.AgentStakingAbi),
    AgentRegistry: at('AgentRegistry', abis.AgentRegistryAbi),
    AgentReputation: at('AgentReputation', abis.AgentReputationAbi),
    Evaluations: at('Evaluations', abis.EvaluationsAbi),
    GovernanceOpen: at('GovernanceOpen', abis.GovernanceOpenAbi),
  },
})
