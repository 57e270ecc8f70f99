import { Copy } from '../components/hex.tsx'

export type Question = { model: string; mode: 'chat' | 'continue'; prompt: string; maxTokens: number }

/** The same question for programs. The page’s own address is the api’s, so that what is copied runs as it is. */
export function CopyAs({ question }: { question: Question }) {
  return (
    <div className="flex flex-wrap gap-2">
      <Copy label="curl" what="curl command" text={asCurl(question, location.origin)} />
      <Copy label="openai" what="openai program" text={asOpenai(question, location.origin)} />
      <Copy label="SDK" what="SDK program" text={asSdk(question, location.origin)} />
    </div>
  )
}

function bodyOf({ model, mode, prompt, maxTokens }: Question): object {
  return mode === 'chat'
    ? { model, messages: [{ role: 'user', content: prompt }], max_tokens: maxTokens }
    : { model, prompt, max_tokens: maxTokens }
}

export function asCurl(question: Question, origin: string): string {
  const path = question.mode === 'chat' ? 'chat/completions' : 'completions'
  const body = JSON.stringify(bodyOf(question)).replaceAll("'", `'\\''`)
  return `# Answers 402 with what a voucher must promise; the SDK signs it.
curl ${origin}/inference/v1/${path} -H 'content-type: application/json' -d '${body}'
`
}

export function asOpenai(question: Question, origin: string): string {
  const call = question.mode === 'chat' ? 'chat.completions' : 'completions'
  return `import { OpenLedger } from '@openledger/sdk'
import { Wallet } from 'ethers'

// The official openai client, with a fetch that pays by voucher.
const openledger = await OpenLedger.connect('${origin}', { signer: new Wallet(process.env.OPENLEDGER_KEY) })
const { openai } = openledger.payingClient()
console.log(await openai.${call}.create(${JSON.stringify(bodyOf(question))}))
`
}

export function asSdk(question: Question, origin: string): string {
  return `import { OpenLedger, parseOpen } from '@openledger/sdk'
import { Wallet } from 'ethers'

const openledger = await OpenLedger.connect('${origin}', { signer: new Wallet(process.env.OPENLEDGER_KEY) })
const answer = await openledger.ask({ ...${JSON.stringify(bodyOf(question))}, maxPriceWei: parseOpen('1') })
console.log(answer.text, await openledger.explain(answer.attribution.receipt))
`
}
