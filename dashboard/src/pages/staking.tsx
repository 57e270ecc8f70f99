import { useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { moment, open, percent, shortHex } from '../app/format.ts'
import { AmountForm } from '../components/amount-form.tsx'
import { DataTable } from '../components/data-table.tsx'
import { ModelLink } from '../components/entity-links.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Loaded } from '../components/states.tsx'
import { type StakesData, stakes } from '../generated/stakes.ts'
import { type StakingData, staking } from '../generated/staking.ts'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

type Pool = { id: string; model: { id: string; name: string } | null; agent: { number: string } | null }

export function StakingPage() {
  const query = useOperation(staking, {}, { everyMs: 10_000 })
  const { connected } = useWallets()
  const [chosen, setChosen] = useState<string | null>(null)
  return (
    <>
      <PageHeader
        title="Agents and staking"
        lead="Stake stands behind a model or an agent: it earns a part of its fees, and is slashed when the model or agent is found at fault."
      />
      <Loaded query={query} lines={10}>
        {(data) => {
          const pools = data.stakePools.nodes
          const pool = pools.find(({ id }) => id === chosen) ?? pools[0]
          const from = { source: 'index', block: data._meta.block } as const
          return (
            <div className="space-y-6">
              <Section title="Pools" note="Choose one to stake on." from={from}>
                <Pools pools={pools} chosen={pool?.id} onChoose={setChosen} />
              </Section>
              {pool !== undefined && (
                <Section
                  title={`Stake on ${nameOf(pool)}`}
                  note="Stake that is taken back thaws first, and can be slashed until it has thawed."
                >
                  <div className="grid gap-6 md:grid-cols-2">
                    <AmountForm
                      key={`in-${pool.id}`}
                      label="Amount to stake"
                      action="Stake"
                      done="Staked"
                      send={(amountWei) => (openledger) => openledger.stake.deposit(pool.id, amountWei)}
                    />
                    <AmountForm
                      key={`out-${pool.id}`}
                      label="Amount to thaw"
                      action="Thaw"
                      done="Thawing"
                      send={(amountWei) => (openledger) => openledger.stake.thaw(pool.id, amountWei)}
                    />
                  </div>
                </Section>
              )}
              {connected !== null && <Own staker={connected.account} />}
              <Section title="Agents" from={from}>
                <Agents agents={data.agents.nodes} />
              </Section>
              <Section
                title="Disputes and slashes"
                note="A challenger’s bond against the stake of the accused; at most half of what is slashed is the bounty."
                from={from}
              >
                <Disputes disputes={data.disputes.nodes} />
              </Section>
            </div>
          )
        }}
      </Loaded>
    </>
  )
}

function Pools({
  pools,
  chosen,
  onChoose,
}: {
  pools: StakingData['stakePools']['nodes']
  chosen: string | undefined
  onChoose: (id: string) => void
}) {
  return (
    <DataTable
      caption="Stake pools"
      rows={pools}
      file="stake-pools"
      empty="Nobody staked yet"
      columns={[
        {
          name: 'Behind',
          value: nameOf,
          show: (pool) => (pool.model === null ? nameOf(pool) : <ModelLink {...pool.model} />),
        },
        {
          name: 'Active',
          unit: 'OPEN',
          numeric: true,
          value: ({ activeWei }) => BigInt(activeWei),
          show: ({ activeWei }) => open(activeWei),
        },
        {
          name: 'Thawing',
          unit: 'OPEN',
          numeric: true,
          wide: true,
          value: ({ thawingWei }) => BigInt(thawingWei),
          show: ({ thawingWei }) => open(thawingWei),
        },
        {
          name: 'Rewarded',
          unit: 'OPEN',
          numeric: true,
          value: ({ rewardedWei }) => BigInt(rewardedWei),
          show: ({ rewardedWei }) => open(rewardedWei),
        },
        {
          name: 'Slashed',
          unit: 'OPEN',
          numeric: true,
          wide: true,
          value: ({ slashedWei }) => BigInt(slashedWei),
          show: ({ slashedWei }) => open(slashedWei),
        },
        {
          name: 'Commission',
          numeric: true,
          wide: true,
          value: ({ commissionPpm }) => commissionPpm,
          show: ({ commissionPpm }) => percent(commissionPpm),
        },
        {
          name: 'Choose',
          value: ({ id }) => id,
          show: (pool) => (
            <button
              type="button"
              className="button"
              aria-pressed={pool.id === chosen}
              onClick={() => onChoose(pool.id)}
            >
              {pool.id === chosen ? 'Chosen' : 'Choose'}
              <span className="sr-only"> {nameOf(pool)}</span>
            </button>
          ),
        },
      ]}
    />
  )
}

function Own({ staker }: { staker: string }) {
  const query = useOperation(stakes, { staker }, { everyMs: 10_000 })
  return (
    <Section title="Your stakes" from={{ source: 'index', block: query.data?._meta.block ?? null }}>
      <Loaded query={query}>
        {(data) =>
          data.stakes.nodes.length === 0 ? (
            <Empty title="This account staked nothing yet" />
          ) : (
            <ul className="divide-y divide-line">
              {data.stakes.nodes.map((stake) => (
                <OwnStake key={stake.pool.id} stake={stake} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

function OwnStake({ stake }: { stake: StakesData['stakes']['nodes'][number] }) {
  const transaction = useTransaction()
  const thawed = BigInt(stake.thawedWei) - BigInt(stake.withdrawnWei)
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 py-3 text-sm">
      <span className="font-medium">{nameOf(stake.pool)}</span>
      <span className="numeric">{open(stake.activeWei)} OPEN active</span>
      {thawed > 0n && (
        <>
          <span className="numeric text-muted">{open(thawed)} OPEN thawing or thawed</span>
          <button
            type="button"
            className="button"
            onClick={() =>
              void transaction.run('Withdrawing', (openledger) => openledger.stake.withdraw(stake.pool.id))
            }
          >
            Withdraw what has thawed
          </button>
        </>
      )}
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Withdrawn" />}
    </li>
  )
}

function Agents({ agents }: { agents: StakingData['agents']['nodes'] }) {
  return (
    <DataTable
      caption="Agents"
      rows={agents}
      file="agents"
      empty="No agent is registered yet"
      columns={[
        { name: 'Agent', numeric: true, value: ({ number }) => BigInt(number) },
        {
          name: 'Operator',
          value: ({ operator }) => operator,
          show: ({ operator }) => <Hex value={operator} what="operator" />,
        },
        {
          name: 'Owner',
          wide: true,
          value: ({ owner }) => owner,
          show: ({ owner }) => <Hex value={owner} what="owner" />,
        },
        { name: 'Registration', wide: true, value: ({ uri }) => uri },
        {
          name: 'Auditor',
          value: ({ isListedAuditor }) => (isListedAuditor ? 'listed' : 'no'),
          show: ({ isListedAuditor }) =>
            isListedAuditor ? <Badge tone="good">listed</Badge> : <span className="text-muted">no</span>,
        },
      ]}
    />
  )
}

function Disputes({ disputes }: { disputes: StakingData['disputes']['nodes'] }) {
  return (
    <DataTable
      caption="Disputes"
      rows={disputes}
      file="disputes"
      empty="Nobody was accused yet"
      columns={[
        { name: 'Dispute', numeric: true, value: ({ number }) => BigInt(number) },
        { name: 'State', value: ({ status }) => status, show: ({ status }) => <Badge>{status.toLowerCase()}</Badge> },
        { name: 'Challenger', value: ({ challenger }) => challenger, show: ({ challenger }) => shortHex(challenger) },
        {
          name: 'At stake',
          unit: 'OPEN',
          numeric: true,
          value: ({ atStakeWei }) => BigInt(atStakeWei),
          show: ({ atStakeWei }) => open(atStakeWei),
        },
        {
          name: 'Slashed',
          unit: 'OPEN',
          numeric: true,
          value: ({ slashedWei }) => BigInt(slashedWei),
          show: ({ slashedWei }) => open(slashedWei),
        },
        {
          name: 'Ruling until',
          wide: true,
          value: ({ rulingUntil }) => Number(rulingUntil),
          show: ({ rulingUntil }) => moment(Number(rulingUntil) * 1000),
        },
      ]}
    />
  )
}

function nameOf({ model, agent, id }: Pool): string {
  if (model !== null) return model.name === '' ? shortHex(model.id) : model.name
  return agent === null ? shortHex(id) : `agent ${agent.number}`
}
