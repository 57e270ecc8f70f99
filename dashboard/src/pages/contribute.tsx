import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { ask } from '../api/ask.ts'
import { useOperation } from '../api/use-operation.ts'
import { count, bytes as sizeOf } from '../app/format.ts'
import { DataTable } from '../components/data-table.tsx'
import { DatanetLink } from '../components/entity-links.tsx'
import { Licence } from '../components/licence.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import { Badge, Empty, Loaded } from '../components/states.tsx'
import { type LocalRecord, recordOf, recordsOf } from '../contribute/files.ts'
import { type DatanetData, datanet } from '../generated/datanet.ts'
import { knownRecords } from '../generated/known-records.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

const AT_ONCE = 100

export function ContributePage() {
  const { id } = useParams({ from: '/datanets/$id/contribute' })
  const query = useOperation(datanet, { id, firstContributions: 1 })
  return (
    <Loaded query={query} lines={8}>
      {({ datanet: found }) =>
        found === null ? <Empty title="There is no such Datanet at this block" /> : <Wizard found={found} />
      }
    </Loaded>
  )
}

function Wizard({ found }: { found: NonNullable<DatanetData['datanet']> }) {
  const id = useId()
  const { connected } = useWallets()
  const [records, setRecords] = useState<readonly LocalRecord[]>([])
  const [text, setText] = useState('')
  const [licence, setLicence] = useState(found.licence)
  const [credit, setCredit] = useState('')
  const [isMine, setMine] = useState(false)
  const transaction = useTransaction()
  const known = useQuery({
    queryKey: ['known-records', records.map(({ digest }) => digest)],
    queryFn: () => knownAmong(records.map(({ digest }) => digest)),
    enabled: records.length > 0,
  })
  const add = async (files: Iterable<File>) => {
    const added = (await Promise.all([...files].map(recordsOf))).flat()
    setRecords((before) => {
      const digests = new Set(before.map(({ digest }) => digest))
      return [...before, ...added.filter(({ digest }) => !digests.has(digest) && digests.add(digest))]
    })
  }
  const addText = async () => {
    const record = await recordOf(`text of ${text.slice(0, 24).trim()}`, 'text/plain', new TextEncoder().encode(text))
    setRecords((before) => (before.some(({ digest }) => digest === record.digest) ? before : [...before, record]))
    setText('')
  }
  const fresh = records.filter(({ digest }) => !known.data?.has(digest))
  const isBusy = transaction.state.kind === 'sending' || transaction.state.kind === 'indexing'
  const send = async () => {
    const sent = await transaction.run('Uploading', async (openledger, say) => {
      const { sendContribution } = await import('../contribute/send.ts')
      return sendContribution(openledger, { datanetId: found.id, licence, credit, records: fresh }, say)
    })
    if (sent !== null) setRecords([])
  }
  return (
    <>
      <PageHeader
        title="Contribute"
        lead={
          <>
            To <DatanetLink {...found} />. Files are hashed in this browser; nothing is sent before you sign.
          </>
        }
      />
      <div className="grid items-start gap-6 lg:grid-cols-[2fr_1fr]">
        <div className="space-y-6">
          <Section title="1. Records" note="Text, images or sounds; a .jsonl file gives one record a line.">
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the field inside does the same by keyboard */}
            <div
              className="rounded-lg border-2 border-line border-dashed p-6 text-center"
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault()
                void add(event.dataTransfer.files)
              }}
            >
              <label htmlFor={`${id}-files`} className="button">
                Choose files
              </label>
              <input
                id={`${id}-files`}
                type="file"
                multiple
                className="sr-only"
                onChange={(event) => void add(event.target.files ?? [])}
              />
              <p className="mt-2 text-muted text-sm">or drop them here</p>
            </div>
            <div className="mt-4">
              <label htmlFor={`${id}-text`} className="mb-1 block text-muted text-sm">
                Or write a record
              </label>
              <textarea
                id={`${id}-text`}
                rows={3}
                className="field"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
              <button
                type="button"
                className="button mt-2"
                disabled={text.trim() === ''}
                onClick={() => void addText()}
              >
                Add this text
              </button>
            </div>
          </Section>
          <Section
            title="2. What is new"
            note="Whoever contributed a record first is paid for it: sending it again would cost and earn nothing."
          >
            {records.length === 0 ? (
              <Empty title="No record chosen yet" />
            ) : (
              <DataTable
                caption="Records to contribute"
                rows={records}
                columns={[
                  { name: 'Record', value: ({ title }) => title },
                  {
                    name: 'Size',
                    numeric: true,
                    value: ({ bytes }) => bytes.length,
                    show: ({ bytes }) => sizeOf(bytes.length),
                  },
                  {
                    name: 'State',
                    value: ({ digest }) => known.data?.get(digest) ?? 'new',
                    show: ({ digest }) =>
                      known.data === undefined ? (
                        <span className="text-muted">looking…</span>
                      ) : known.data.has(digest) ? (
                        <Badge tone="warn">already in {known.data.get(digest)}; left out</Badge>
                      ) : (
                        <Badge tone="good">new</Badge>
                      ),
                  },
                ]}
              />
            )}
          </Section>
        </div>
        <Section title="3. Terms and sending">
          <div className="space-y-4">
            <div>
              <label htmlFor={`${id}-licence`} className="mb-1 block text-muted text-sm">
                Licence of these records (SPDX)
              </label>
              <input
                id={`${id}-licence`}
                className="field"
                value={licence}
                onChange={(event) => setLicence(event.target.value)}
              />
            </div>
            <Licence {...found} licence={licence} />
            <div>
              <label htmlFor={`${id}-credit`} className="mb-1 block text-muted text-sm">
                Credit goes to
              </label>
              <input
                id={`${id}-credit`}
                className="field"
                placeholder="Your name"
                value={credit}
                onChange={(event) => setCredit(event.target.value)}
              />
            </div>
            <label className="flex gap-2 text-sm">
              <input
                type="checkbox"
                className="mt-1 accent-accent"
                checked={isMine}
                onChange={(event) => setMine(event.target.checked)}
              />
              I may contribute these records under this licence. Sending states so on chain.
            </label>
            {connected === null ? (
              <button type="button" className="button button-primary w-full" onClick={askToConnect}>
                Connect an account
              </button>
            ) : (
              <button
                type="button"
                className="button button-primary w-full"
                disabled={
                  !isMine ||
                  isBusy ||
                  fresh.length === 0 ||
                  known.data === undefined ||
                  licence.trim() === '' ||
                  credit.trim() === ''
                }
                onClick={() => void send()}
              >
                Contribute {count(known.data === undefined ? 0 : fresh.length)} new records
              </button>
            )}
            <TransactionNote state={transaction.state} done="Contributed" />
          </div>
        </Section>
      </div>
    </>
  )
}

/** Digests that are on chain already → the Datanet that holds them. */
async function knownAmong(digests: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let at = 0; at < digests.length; at += AT_ONCE) {
    const { records } = await ask(knownRecords, { digests: digests.slice(at, at + AT_ONCE) })
    for (const { digest, datanet: home } of records.nodes) found.set(digest, home.name)
  }
  return found
}
