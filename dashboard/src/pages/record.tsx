import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useOperation } from '../api/use-operation.ts'
import { bytes, count, moment } from '../app/format.ts'
import { ContributorLink, DatanetLink } from '../components/entity-links.tsx'
import { Hex } from '../components/hex.tsx'
import { Licence } from '../components/licence.tsx'
import { RecordContent } from '../components/record-content.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Failure, Loaded } from '../components/states.tsx'
import { type RecordData, record } from '../generated/record.ts'
import { StatusBadge } from './datanet.tsx'

type Found = NonNullable<RecordData['record']>

export function RecordPage() {
  const { digest } = useParams({ from: '/records/$digest' })
  const query = useOperation(record, { digest })
  return (
    <Loaded query={query} lines={10}>
      {(data) =>
        data.record === null ? (
          <Empty title="No record has this digest at this block" />
        ) : (
          <Shown found={data.record} block={data._meta.block} />
        )
      }
    </Loaded>
  )
}

function Shown({ found, block }: { found: Found; block: number }) {
  const { contribution } = found
  return (
    <>
      <PageHeader
        title={found.title === '' ? 'A record without a title' : found.title}
        lead={
          <>
            By <ContributorLink {...found.contributor} /> in <DatanetLink {...found.datanet} />
          </>
        }
      >
        {found.withdrawnAt !== null && <Badge tone="warn">consent withdrawn</Badge>}
      </PageHeader>
      <div className="grid items-start gap-6 lg:grid-cols-[2fr_1fr]">
        <Section title="Content" note={`${found.mediaType}, ${bytes(found.sizeBytes)}`}>
          <RecordContent cid={found.cid} mediaType={found.mediaType} title={found.title} />
        </Section>
        <div className="space-y-6">
          <Section title="Where it stands" from={{ source: 'index', block }}>
            <dl className="space-y-3 text-sm">
              <Fact name="CID">
                <Hex value={found.cid} what="CID" ends={8} />
              </Fact>
              <Fact name="Digest">
                <Hex value={found.digest} what="digest" ends={8} />
              </Fact>
              <Fact name="Contribution">
                version {contribution.version}, <StatusBadge status={contribution.status} />
              </Fact>
              <Fact name="On chain since">
                block {count(contribution.blockNumber)}, {moment(Number(contribution.timestamp) * 1000)}
              </Fact>
              <Fact name="Transaction">
                <Hex value={contribution.transactionHash} what="transaction hash" />
              </Fact>
              <Fact name="In its contribution">
                <Inclusion found={found} />
              </Fact>
            </dl>
          </Section>
          <Section title="Licence" note={found.licence}>
            <Licence licence={found.licence} licenceFlags={found.datanet.licenceFlags} />
          </Section>
        </div>
      </div>
    </>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="numeric">{children}</dd>
    </div>
  )
}

/** That the record belongs to the root which its contributor put on chain, computed here from the manifest. */
function Inclusion({ found }: { found: Found }) {
  const { contribution, digest, index } = found
  const proof = useQuery({
    queryKey: ['inclusion', contribution.id, digest],
    queryFn: async () => {
      const { isRecordIncluded } = await import('../wallet/record-proof.ts')
      return isRecordIncluded({ digest, index, ...contribution })
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (proof.error) return <Failure error={proof.error} />
  if (proof.data === undefined) return <span role="status">checking in this browser…</span>
  return proof.data ? (
    <Badge tone="good">proof leads to the root on chain</Badge>
  ) : (
    <Badge tone="bad">the proof does not lead to the root on chain</Badge>
  )
}
