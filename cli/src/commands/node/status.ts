import { formatOpen } from '@openledger/protocol'
import { contractOf } from '@openledger/sdk'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { unreachableNode } from '../../client/unreachable-node.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger node status` */
export function statusCommand(): Command {
  const command = new Command('status')
    .description('say who serves, what, and what the node has earned and not withdrawn')
    .action((flags: SessionFlags) =>
      reading(flags, async ({ network, provider }) => {
        const { inference } = network.urls
        const [about, models] = await Promise.all([
          get<{ node: string; engineHash: string; base: string }>(`${inference}/v1/node`),
          get<{ data: { id: string }[] }>(`${inference}/v1/models`),
        ])
        const escrow = contractOf(network, 'InferenceEscrow', provider)
        const [earnedWei, nextSequence] = await Promise.all([
          escrow.getFunction('earned')(about.node) as Promise<bigint>,
          escrow.getFunction('nextSequence')(about.node) as Promise<bigint>,
        ])
        const facts = {
          url: inference,
          node: about.node,
          engineHash: about.engineHash,
          base: about.base,
          models: models.data.map(({ id }) => id),
          anchoredReceipts: nextSequence,
          earnedWei,
        }
        if (flags.json) printJson(facts)
        else printFacts({ ...facts, models: facts.models.join(', '), earnedWei: formatOpen(earnedWei) })
      }),
    )
  return readsNetwork(command)
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((cause) => {
    throw unreachableNode(url, cause)
  })
  if (!response.ok) throw unreachableNode(url, undefined, response.status)
  return (await response.json()) as T
}
