import { type ContractName, OpenLedgerError } from '@openledger/protocol'
import { contractOf, send } from '@openledger/sdk'
import { type EventLog, type Signer, toBeHex } from 'ethers'

/** Where the contracts are. */
export type Network = { contracts: Readonly<Record<ContractName, { address: string }>>; startBlock: number }

export type TrainerAgent = { id: bigint; activeWei: bigint }

/**
 * The agent that the signer acts for, with its stake brought up to `stakeWei` as far as the signer has OPEN.
 *
 * @param stakeWei 0: nothing is registered or staked; an agent that is there already is used
 * @returns null where there is none, or none can be made
 */
export async function ensureAgent(deployment: Network, signer: Signer, stakeWei: bigint): Promise<TrainerAgent | null> {
  const address = await signer.getAddress()
  const token = contractOf(deployment, 'OpenToken', signer)
  const staking = contractOf(deployment, 'AgentStaking', signer)
  const id = (await findAgent(deployment, signer, address)) ?? (stakeWei === 0n ? null : await register())
  if (id === null) return null
  const pool = toBeHex(id, 32)
  const activeWei = (await staking.getFunction('activeWei')(pool)) as bigint
  const lackingWei = stakeWei - activeWei
  if (lackingWei <= 0n || (await token.getFunction('balanceOf')(address)) < lackingWei) return { id, activeWei }
  await send(token, 'approve', await staking.getAddress(), lackingWei)
  await send(staking, 'stake', pool, address, lackingWei)
  return { id, activeWei: stakeWei }

  async function register(): Promise<bigint | null> {
    if ((await token.getFunction('balanceOf')(address)) < stakeWei) return null
    await send(contractOf(deployment, 'AgentRegistry', signer), 'register()')
    const made = await findAgent(deployment, signer, address)
    if (made !== null) return made
    throw new OpenLedgerError('chain.refused', 'The agent that was just registered is not there.', {
      facts: { owner: address },
      nextStep: 'Look at the chain: it may have been reorganised. Then start again.',
      retryable: true,
    })
  }
}

/** The newest agent that the account registered and still acts for. */
async function findAgent(deployment: Network, signer: Signer, owner: string): Promise<bigint | null> {
  const registry = contractOf(deployment, 'AgentRegistry', signer)
  const events = await registry.queryFilter(registry.filters.Registered!(null, null, owner), deployment.startBlock)
  for (const event of events.reverse()) {
    const id = (event as EventLog).args.agentId as bigint
    if ((await registry.getFunction('operatorOf')(id)) === owner) return id
  }
  return null
}
