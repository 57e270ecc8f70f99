import { useState } from 'react'
import { useOperation } from '../api/use-operation.ts'
import { ago, count, open, shortHex } from '../app/format.ts'
import { Countdown } from '../components/countdown.tsx'
import { DataTable } from '../components/data-table.tsx'
import { AnswerLink, ContributorLink, ModelLink, RecordLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Loaded } from '../components/states.tsx'
import { contributor } from '../generated/contributor.ts'
import { earnings } from '../generated/earnings.ts'
import { type RewardsData, rewards } from '../generated/rewards.ts'
import { ClaimFor } from '../playground/claim-for.tsx'
import { ChallengeRoot } from '../rewards/challenge-root.tsx'
import { VerifyRoot } from '../rewards/verify-root-button.tsx'
import { askToConnect } from '../wallet/account-menu.tsx'
import { useWallets } from '../wallet/wallets.ts'

type Epoch = RewardsData['epochs']['nodes'][number]

export function RewardsPage() {
  const query = useOperation(rewards, {}, { everyMs: 5_000 })
  const { connected } = useWallets()
  return (
    <>
      <PageHeader
        title="Rewards"
        lead="What answers paid to the people whose records shaped them: promised by a root, open to dispute for a while, then claimed by proof."
      />
      <div className="space-y-6">
        {connected === null ? (
          <Section title="Yours">
            <Empty title="No account is connected">
              <button type="button" className="link" onClick={askToConnect}>
                Connect one
              </button>{' '}
              to see what it earned, why, and to claim.
            </Empty>
          </Section>
        ) : (
          <Own account={connected.account} />
        )}
        <Loaded query={query} lines={10}>
          {(data) => <Everybody data={data} />}
        </Loaded>
      </div>
    </>
  )
}

function Own({ account }: { account: string }) {
  const query = useOperation(contributor, { account }, { everyMs: 10_000 })
  return (
    <Section title="Yours" from={{ source: 'index', block: query.data?._meta.block ?? null }}>
      <Loaded query={query}>
        {({ contributor: own, _meta: { block } }) => {
          const from = { source: 'index', block } as const
          return (
            <div className="space-y-5">
              <Figures>
                <Figure name="Earned in all" value={open(own.earnedWei)} unit="OPEN" from={from} />
                <Figure name="Claimed" value={open(own.claimedWei)} unit="OPEN" from={from} />
                <Figure name="Claimable" value={open(own.claimableWei)} unit="OPEN" from={from} />
              </Figures>
              <ClaimFor account={account} />
              <Why account={account} />
            </div>
          )
        }}
      </Loaded>
    </Section>
  )
}

/** What an account earned, answer by answer and record by record. */
function Why({ account }: { account: string }) {
  const query = useOperation(earnings, {})
  return (
    <Loaded query={query}>
      {({ answers }) => {
        const rows = answers.nodes.flatMap((answer) =>
          answer.shares
            .filter((share) => share.contributor.account === account)
            .map((share, place) => ({ ...share, answer, place })),
        )
        return (
          <DataTable
            caption="Why this was earned, in the newest 40 answers"
            rows={rows}
            file={`earnings-${account}`}
            empty="None of the newest 40 answers paid this account"
            columns={[
              {
                name: 'Answer',
                value: ({ answer }) => answer.prompt ?? answer.receiptHash,
                show: ({ answer }) => (
                  <AnswerLink receiptHash={answer.receiptHash}>
                    {answer.prompt === null ? shortHex(answer.receiptHash, 6) : answer.prompt.slice(0, 60)}
                  </AnswerLink>
                ),
              },
              {
                name: 'Record',
                value: ({ record }) => record?.title ?? '',
                show: ({ record }) => (record === null ? 'unknown' : <RecordLink {...record} />),
              },
              {
                name: 'Model',
                wide: true,
                value: ({ answer }) => answer.model?.name ?? '',
                show: ({ answer }) => (answer.model === null ? 'unknown' : <ModelLink {...answer.model} />),
              },
              { name: 'Epoch', numeric: true, value: ({ answer }) => answer.epoch?.number ?? null },
              {
                name: 'Share',
                unit: 'OPEN',
                numeric: true,
                value: ({ amountWei }) => BigInt(amountWei),
                show: ({ amountWei }) => open(amountWei, 6),
              },
            ]}
          />
        )
      }}
    </Loaded>
  )
}

function Everybody({ data: { epochs, contributors, totals, _meta } }: { data: RewardsData }) {
  const from = { source: 'index', block: _meta.block } as const
  const [chosen, setChosen] = useState<number | null>(null)
  const epoch = epochs.nodes.find(({ number }) => number === chosen) ?? epochs.nodes[0]
  return (
    <>
      <Section title="All contributors" from={from}>
        <Figures>
          <Figure name="Paid for answers" value={open(totals.settledWei)} unit="OPEN" from={from} />
          <Figure name="For contributors" value={open(totals.contributorsWei)} unit="OPEN" from={from} />
          <Figure name="Claimed" value={open(totals.paidWei)} unit="OPEN" from={from} />
        </Figures>
      </Section>
      <Section
        title="Roots"
        note="Each epoch promises by one root. Anybody may build it again, and dispute it while its window is open."
        from={from}
      >
        <DataTable
          caption="Epochs and their roots"
          rows={epochs.nodes}
          file="epochs"
          empty="No epoch was proposed yet"
          columns={[
            {
              name: 'Epoch',
              numeric: true,
              value: ({ number }) => number,
              show: ({ number }) => (
                <button
                  type="button"
                  className="link"
                  aria-pressed={number === epoch?.number}
                  onClick={() => setChosen(number)}
                >
                  {number}
                </button>
              ),
            },
            { name: 'State', value: stateOf, show: (row) => <EpochState epoch={row} /> },
            {
              name: 'Window',
              value: ({ opensAt }) => Number(opensAt),
              show: ({ opensAt, status }) =>
                status === 'Rejected' ? 'rejected' : <Countdown atMs={Number(opensAt) * 1000} past="closed" />,
            },
            { name: 'Answers', numeric: true, value: ({ answerCount }) => answerCount },
            { name: 'Leaves', numeric: true, wide: true, value: ({ leafCount }) => leafCount },
            {
              name: 'Promised in all',
              unit: 'OPEN',
              numeric: true,
              value: ({ totalWei }) => BigInt(totalWei),
              show: ({ totalWei }) => open(totalWei),
            },
            {
              name: 'Root',
              wide: true,
              value: ({ root }) => root,
              show: ({ root }) => <Hex value={root} what="root" />,
            },
            {
              name: 'Proposed',
              wide: true,
              value: ({ timestamp }) => Number(timestamp),
              show: ({ timestamp }) => ago(Number(timestamp) * 1000),
            },
          ]}
        />
        {epoch !== undefined && (
          <div className="mt-5 grid gap-6 border-line border-t pt-5 md:grid-cols-2">
            <VerifyRoot key={epoch.root} epoch={epoch} />
            {isOpen(epoch) ? (
              <ChallengeRoot epoch={epoch.number} />
            ) : (
              <p className="text-muted text-sm">
                The window of epoch {epoch.number} is closed: it can no longer be disputed, nor can its claims be
                stopped.
              </p>
            )}
          </div>
        )}
      </Section>
      <Section title="Who earned" note="The hundred contributors with most records." from={from}>
        <DataTable
          caption="Contributors and their rewards"
          rows={contributors.nodes}
          file="rewards"
          columns={[
            { name: 'Contributor', value: ({ name }) => name, show: (row) => <ContributorLink {...row} /> },
            {
              name: 'Records',
              numeric: true,
              value: ({ recordCount }) => BigInt(recordCount),
              show: ({ recordCount }) => count(recordCount),
            },
            ...(['earnedWei', 'claimedWei', 'claimableWei'] as const).map((name) => ({
              name: { earnedWei: 'Earned', claimedWei: 'Claimed', claimableWei: 'Claimable' }[name],
              unit: 'OPEN',
              numeric: true,
              value: (row: RewardsData['contributors']['nodes'][number]) => BigInt(row[name]),
              show: (row: RewardsData['contributors']['nodes'][number]) => open(row[name]),
            })),
          ]}
        />
      </Section>
    </>
  )
}

function stateOf({ status, isLive }: Epoch): string {
  return isLive ? 'Live' : status
}

function isOpen({ status, isLive, opensAt }: Epoch): boolean {
  return status === 'Proposed' && !isLive && Number(opensAt) * 1000 > Date.now()
}

function EpochState({ epoch }: { epoch: Epoch }) {
  if (epoch.isLive) return <Badge tone="good">live</Badge>
  if (epoch.status === 'Proposed') return <Badge>proposed</Badge>
  return <Badge tone={epoch.status === 'Challenged' ? 'warn' : 'bad'}>{epoch.status.toLowerCase()}</Badge>
}
