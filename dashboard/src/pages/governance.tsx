import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { count, moment, open, shortHex } from '../app/format.ts'
import { AmountForm } from '../components/amount-form.tsx'
import { Countdown } from '../components/countdown.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Loaded, type Tone } from '../components/states.tsx'
import { type GovernanceData, governance } from '../generated/governance.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { readingSdk } from '../wallet/openledger.ts'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

type Proposal = GovernanceData['proposals']['nodes'][number]
const TONES: Record<string, Tone> = { Executed: 'good', Queued: 'warn', Canceled: 'bad', Created: 'neutral' }

export function GovernancePage() {
  const query = useOperation(governance, {}, { everyMs: 10_000 })
  return (
    <>
      <PageHeader
        title="Governance"
        lead="Holders of gOPEN decide on every parameter and upgrade. What passes waits in the timelock before it can be executed."
      />
      <div className="space-y-6">
        <Section title="Voting power" note="OPEN that is locked as gOPEN votes, one for one, and can be delegated.">
          <div className="grid gap-6 md:grid-cols-2">
            <AmountForm
              label="OPEN to lock as gOPEN"
              action="Lock and vote"
              done="Locked"
              send={(amountWei) => (openledger) => openledger.lockVotes(amountWei)}
            />
            <Delegate />
          </div>
        </Section>
        <Loaded query={query} lines={10}>
          {({ proposals, _meta }) =>
            proposals.nodes.length === 0 ? (
              <Section title="Proposals" from={{ source: 'index', block: _meta.block }}>
                <Empty title="Nobody proposed anything yet">The command line proposes: openledger gov propose.</Empty>
              </Section>
            ) : (
              proposals.nodes.map((proposal) => (
                <ProposalCard key={proposal.number} proposal={proposal} block={_meta.block} />
              ))
            )
          }
        </Loaded>
      </div>
    </>
  )
}

function Delegate() {
  const id = useId()
  const { connected } = useWallets()
  const transaction = useTransaction()
  const [to, setTo] = useState('')
  const isAddress = /^0x[0-9a-fA-F]{40}$/.test(to)
  return (
    <form
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (connected === null) return askToConnect()
        void transaction.run('Delegating', async (openledger) => {
          const { delegateCalls } = await import('../wallet/governance.ts')
          return openledger.send(delegateCalls(openledger, to))
        })
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-40 grow">
          <label htmlFor={id} className="mb-1 block text-muted text-sm">
            Account that votes for you
          </label>
          <input
            id={id}
            className="field numeric"
            placeholder="0x…"
            value={to}
            aria-invalid={to !== '' && !isAddress}
            onChange={(event) => setTo(event.target.value.trim())}
          />
        </div>
        <button type="submit" className="button" disabled={connected !== null && !isAddress}>
          {connected === null ? 'Connect an account' : 'Delegate'}
        </button>
      </div>
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Delegated" />}
    </form>
  )
}

function ProposalCard({ proposal, block }: { proposal: Proposal; block: number }) {
  const from = { source: 'index', block } as const
  const [title = '', ...rest] = proposal.description.split('\n')
  return (
    <Section
      title={title === '' ? `Proposal ${proposal.number.slice(0, 8)}…` : title.slice(0, 200)}
      note={rest.join('\n').trim().slice(0, 2_000)}
      actions={
        <>
          <Badge tone={proposal.isVoting ? 'warn' : (TONES[proposal.status] ?? 'neutral')}>
            {proposal.isVoting ? 'voting' : proposal.status.toLowerCase()}
          </Badge>
          <span className="text-muted text-sm">by {shortHex(proposal.proposer)}</span>
        </>
      }
      from={from}
    >
      <div className="grid gap-6 md:grid-cols-2">
        <div className="space-y-4">
          <Tally proposal={proposal} />
          <Timeline proposal={proposal} />
          <Actions proposal={proposal} />
        </div>
        <Calls proposal={proposal} />
      </div>
      {proposal.votes.nodes.length > 0 && (
        <div className="mt-5">
          <DataTable
            caption={`Newest votes on ${title}`}
            rows={proposal.votes.nodes}
            file={`votes-${proposal.number}`}
            columns={[
              { name: 'Voter', value: ({ voter }) => voter, show: ({ voter }) => <Hex value={voter} what="voter" /> },
              { name: 'Vote', value: ({ support }) => support },
              {
                name: 'Weight',
                unit: 'gOPEN',
                numeric: true,
                value: ({ weightWei }) => BigInt(weightWei),
                show: ({ weightWei }) => open(weightWei),
              },
              { name: 'Reason', wide: true, value: ({ reason }) => reason },
            ]}
          />
        </div>
      )}
    </Section>
  )
}

/** Votes as lengths, with their numbers beside them. */
function Tally({ proposal }: { proposal: Proposal }) {
  const rows = [
    ['For', proposal.forWei, 'bg-good'],
    ['Against', proposal.againstWei, 'bg-bad'],
    ['Abstain', proposal.abstainWei, 'bg-muted'],
  ] as const
  const most = rows.reduce((sum, [, wei]) => sum + BigInt(wei), 0n)
  return (
    <div className="space-y-2 text-sm">
      <dl className="space-y-2">
        {rows.map(([name, wei, colour]) => (
          <div key={name} className="grid grid-cols-[5rem_1fr_auto] items-center gap-3">
            <dt>{name}</dt>
            <div aria-hidden="true" className="h-2 rounded-full bg-sunken">
              <div
                className={`h-2 rounded-full ${colour}`}
                style={{ width: `${most === 0n ? 0 : Number((BigInt(wei) * 1_000n) / most) / 10}%` }}
              />
            </div>
            <dd className="numeric">{open(wei, 2)} gOPEN</dd>
          </div>
        ))}
      </dl>
      <p className="numeric text-muted">{count(proposal.voteCount)} accounts voted</p>
    </div>
  )
}

function Timeline({ proposal }: { proposal: Proposal }) {
  const steps: [string, string | null][] = [
    ['Voting opens', proposal.voteStart],
    ['Voting ends', proposal.voteEnd],
    ['Executable', proposal.etaAt],
  ]
  return (
    <ol className="space-y-1 text-sm">
      {steps.map(([name, seconds]) => (
        <li key={name} className="flex flex-wrap justify-between gap-x-4">
          <span className="text-muted">{name}</span>
          {seconds === null ? (
            <span className="text-muted">once it is queued</span>
          ) : (
            <span>
              <Countdown atMs={Number(seconds) * 1000} past={moment(Number(seconds) * 1000)} />
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}

function Actions({ proposal }: { proposal: Proposal }) {
  const { connected } = useWallets()
  const transaction = useTransaction()
  const nowS = Date.now() / 1000
  const hasPassed =
    proposal.status === 'Created' &&
    Number(proposal.voteEnd) < nowS &&
    BigInt(proposal.forWei) > BigInt(proposal.againstWei)
  const isExecutable = proposal.status === 'Queued' && Number(proposal.etaAt) <= nowS
  const vote = (how: 'for' | 'against' | 'abstain') =>
    connected === null
      ? askToConnect()
      : void transaction.run('Voting', (openledger) => openledger.vote(proposal.number, how))
  const step = (method: 'queue' | 'execute') =>
    connected === null
      ? askToConnect()
      : void transaction.run(method === 'queue' ? 'Queueing' : 'Executing', async (openledger) => {
          const { proposalCalls } = await import('../wallet/governance.ts')
          return openledger.send(proposalCalls(openledger, method, proposal))
        })
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap gap-2">
        {proposal.isVoting &&
          (['for', 'against', 'abstain'] as const).map((how) => (
            <button key={how} type="button" className="button" onClick={() => vote(how)}>
              Vote {how}
            </button>
          ))}
        {hasPassed && (
          <button type="button" className="button" onClick={() => step('queue')}>
            Queue
          </button>
        )}
        {isExecutable && (
          <button type="button" className="button" onClick={() => step('execute')}>
            Execute
          </button>
        )}
      </div>
      {transaction.state.kind !== 'idle' && <TransactionNote state={transaction.state} done="Done" />}
    </div>
  )
}

/** What it would do, decoded where it calls a contract of ours; otherwise its bytes. */
function Calls({ proposal }: { proposal: Proposal }) {
  const decoded = useQuery({
    queryKey: ['decoded', proposal.number],
    queryFn: async () => {
      const [{ decodeCall }, openledger] = await Promise.all([import('../wallet/decode-call.ts'), readingSdk()])
      return proposal.calls.map((call) => decodeCall(openledger, call))
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <div>
      <h3 className="mb-2 font-medium text-sm">What it would do</h3>
      <ol className="space-y-3">
        {proposal.calls.map((call, place) => {
          const known = decoded.data?.[place]
          return (
            <li key={call.index} className="rounded-lg bg-sunken px-4 py-3 text-sm">
              {known == null ? (
                <>
                  Calls <Hex value={call.target} what="target" /> with{' '}
                  <code className="numeric break-all text-xs">{call.data.slice(0, 200)}</code>
                </>
              ) : (
                <>
                  <code className="font-medium">
                    {known.contract}.{known.method}
                  </code>
                  <dl className="mt-1 space-y-0.5">
                    {known.values.map(({ name, type, value }) => (
                      <div key={name} className="flex gap-2">
                        <dt className="text-muted">
                          {name} <span className="text-xs">({type})</span>
                        </dt>
                        <dd className="numeric min-w-0 break-all">{value}</dd>
                      </div>
                    ))}
                  </dl>
                </>
              )}
            </li>
          )
        })}
      </ol>
    </div>
  )
}
