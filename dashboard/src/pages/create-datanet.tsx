import { useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { Licence } from '../components/licence.tsx'
import { PageHeader, Section } from '../components/section.tsx'
import type { NewDatanet } from '../contribute/send.ts'
import { askToConnect } from '../wallet/account-menu.tsx'
import { TransactionNote } from '../wallet/transaction-note.tsx'
import { useTransaction } from '../wallet/use-transaction.ts'
import { useWallets } from '../wallet/wallets.ts'

const FLAGS = [
  [1, 'Models may be trained on it'],
  [2, 'What is made of it may earn money'],
  [4, 'What is made of it keeps these terms'],
] as const

export function CreateDatanetPage() {
  const id = useId()
  const navigate = useNavigate()
  const { connected } = useWallets()
  const transaction = useTransaction()
  const [terms, setTerms] = useState<NewDatanet>({
    name: '',
    summary: '',
    modality: 'text',
    licence: 'CC-BY-4.0',
    licenceFlags: 3,
    royaltyPpm: 0,
    curated: false,
  })
  const change = (changed: Partial<NewDatanet>) => setTerms((before) => ({ ...before, ...changed }))
  const isBusy = transaction.state.kind === 'sending' || transaction.state.kind === 'indexing'
  const create = async () => {
    let made = ''
    const sent = await transaction.run('Creating the Datanet', async (openledger) => {
      const { sendDatanet } = await import('../contribute/send.ts')
      const { id: datanetId, receipts } = await sendDatanet(openledger, terms)
      made = datanetId
      return receipts
    })
    if (sent !== null) void navigate({ to: '/datanets/$id', params: { id: made } })
  }
  return (
    <>
      <PageHeader
        title="Create a Datanet"
        lead="A name, what it is for, and the terms that everything in it is under."
      />
      <form
        className="grid items-start gap-6 lg:grid-cols-[2fr_1fr]"
        onSubmit={(event) => {
          event.preventDefault()
          if (connected === null) askToConnect()
          else void create()
        }}
      >
        <Section title="What it is">
          <div className="space-y-4">
            <div>
              <label htmlFor={`${id}-name`} className="mb-1 block text-muted text-sm">
                Name
              </label>
              <input
                id={`${id}-name`}
                className="field"
                required
                maxLength={64}
                value={terms.name}
                onChange={(event) => change({ name: event.target.value })}
              />
            </div>
            <div>
              <label htmlFor={`${id}-summary`} className="mb-1 block text-muted text-sm">
                What it is for
              </label>
              <textarea
                id={`${id}-summary`}
                rows={3}
                className="field"
                value={terms.summary}
                onChange={(event) => change({ summary: event.target.value })}
              />
            </div>
            <div className="grid gap-4 sm:grid-cols-2">
              <div>
                <label htmlFor={`${id}-of`} className="mb-1 block text-muted text-sm">
                  Records are
                </label>
                <select
                  id={`${id}-of`}
                  className="field"
                  value={terms.modality}
                  onChange={(event) => change({ modality: event.target.value as NewDatanet['modality'] })}
                >
                  {(['text', 'image', 'audio', 'other'] as const).map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </div>
              <div>
                <label htmlFor={`${id}-royalty`} className="mb-1 block text-muted text-sm">
                  Royalty of derived models, in per cent
                </label>
                <input
                  id={`${id}-royalty`}
                  type="number"
                  className="field numeric"
                  min={0}
                  max={50}
                  step={0.1}
                  value={terms.royaltyPpm / 10_000}
                  onChange={(event) => change({ royaltyPpm: Math.round(Number(event.target.value) * 10_000) })}
                />
              </div>
            </div>
          </div>
        </Section>
        <Section title="Terms">
          <div className="space-y-4">
            <div>
              <label htmlFor={`${id}-licence`} className="mb-1 block text-muted text-sm">
                Licence (SPDX)
              </label>
              <input
                id={`${id}-licence`}
                className="field"
                required
                value={terms.licence}
                onChange={(event) => change({ licence: event.target.value })}
              />
            </div>
            <fieldset className="space-y-1.5">
              <legend className="mb-1 text-muted text-sm">On chain it says</legend>
              {FLAGS.map(([flag, text]) => (
                <label key={flag} className="flex gap-2 text-sm">
                  <input
                    type="checkbox"
                    className="mt-1 accent-accent"
                    checked={(terms.licenceFlags & flag) !== 0}
                    onChange={() => change({ licenceFlags: terms.licenceFlags ^ flag })}
                  />
                  {text}
                </label>
              ))}
            </fieldset>
            <Licence {...terms} />
            <button
              type="submit"
              className="button button-primary w-full"
              disabled={isBusy || terms.name.trim() === ''}
            >
              {connected === null ? 'Connect an account' : 'Create'}
            </button>
            <TransactionNote state={transaction.state} done="Created" />
          </div>
        </Section>
      </form>
    </>
  )
}
