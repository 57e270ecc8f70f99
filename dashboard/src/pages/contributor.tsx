import { useParams } from '@tanstack/react-router'
import { useOperation } from '../api/use-operation.ts'
import { count, moment, open, shortHex } from '../app/format.ts'
import { DataTable } from '../components/data-table.tsx'
import { DatanetLink } from '../components/entity-links.tsx'
import { Figure, Figures } from '../components/figure.tsx'
import { Hex } from '../components/hex.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Loaded } from '../components/states.tsx'
import { contributor } from '../generated/contributor.ts'
import { ClaimFor } from '../playground/claim-for.tsx'
import { StatusBadge } from './datanet.tsx'

export function ContributorPage() {
  const { account } = useParams({ from: '/contributors/$account' })
  const query = useOperation(contributor, { account }, { everyMs: 10_000 })
  return (
    <Loaded query={query} lines={10}>
      {({ contributor: found, _meta: { block } }) => {
        const from = { source: 'index', block } as const
        return (
          <>
            <PageHeader
              title={found.name === '' ? shortHex(found.account) : found.name}
              lead={<Hex value={found.account} what="account" ends={8} />}
            />
            <div className="space-y-6">
              <Section
                title="Rewards"
                from={from}
                note="Earned is what live roots grant in all; claimable is what is left of it."
              >
                <Figures>
                  <Figure name="Earned" value={open(found.earnedWei)} unit="OPEN" from={from} />
                  <Figure name="Claimed" value={open(found.claimedWei)} unit="OPEN" from={from} />
                  <Figure name="Claimable" value={open(found.claimableWei)} unit="OPEN" from={from} />
                  <Figure name="Records" value={count(found.recordCount)} unit="contributed" from={from} />
                </Figures>
                <div className="mt-5 border-line border-t pt-4">
                  <ClaimFor account={found.account} />
                </div>
              </Section>
              <Section title="Contributions" from={from}>
                <DataTable
                  caption="Contributions"
                  rows={found.contributions.nodes}
                  file={`contributions-${found.account}`}
                  empty="Nothing contributed yet"
                  columns={[
                    {
                      name: 'Datanet',
                      value: ({ datanet }) => datanet.name,
                      show: ({ datanet }) => <DatanetLink {...datanet} />,
                    },
                    { name: 'Version', numeric: true, value: ({ version }) => version },
                    { name: 'Records', numeric: true, value: ({ recordCount }) => BigInt(recordCount) },
                    { name: 'Licence', wide: true, value: ({ licence }) => licence },
                    {
                      name: 'State',
                      value: ({ status }) => status,
                      show: ({ status }) => <StatusBadge status={status} />,
                    },
                    { name: 'Block', numeric: true, wide: true, value: ({ blockNumber }) => BigInt(blockNumber) },
                  ]}
                />
              </Section>
              <Section title="Claims" from={from}>
                <DataTable
                  caption="Claims"
                  rows={found.claims}
                  file={`claims-${found.account}`}
                  empty="Nothing claimed yet"
                  columns={[
                    {
                      name: 'When',
                      value: ({ timestamp }) => Number(timestamp),
                      show: ({ timestamp }) => moment(Number(timestamp) * 1000),
                    },
                    {
                      name: 'Amount',
                      unit: 'OPEN',
                      numeric: true,
                      value: ({ amountWei }) => BigInt(amountWei),
                      show: ({ amountWei }) => open(amountWei, 6),
                    },
                    { name: 'Block', numeric: true, value: ({ blockNumber }) => BigInt(blockNumber) },
                    {
                      name: 'Transaction',
                      wide: true,
                      value: ({ transactionHash }) => transactionHash,
                      show: (row) => <Hex value={row.transactionHash} what="transaction hash" />,
                    },
                  ]}
                />
              </Section>
            </div>
          </>
        )
      }}
    </Loaded>
  )
}
