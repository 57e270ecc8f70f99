import { formatOpen, OpenLedgerError } from '@openledger/protocol'
import { explain, type OpenLedger } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf, wholeOf } from '../client/arguments.ts'
import { note, plain, printJson } from '../client/print.ts'
import { printAnswer } from '../client/print-answer.ts'
import { type SendingFlags, signs } from '../client/session.ts'
import { signing } from '../client/with-network.ts'

const SETTLED_WITHIN_MS = 120_000
const PAUSE_MS = 500

/** `openledger ask <model> <prompt>`: pays from the account's deposit, by voucher. */
export function askCommand(): Command {
  const command = new Command('ask')
    .description('ask a model and pay for the answer; the text is on stdout, what it cost on stderr')
    .argument('<model>', 'name or id of the model, as `openledger model list` shows it')
    .argument('<prompt>', 'what to ask')
    .option('--max-open <amount>', 'most that this may cost, in OPEN', '1')
    .option('--max-tokens <count>', 'most tokens of the answer', '64')
    .option('--temperature <value>', '0 takes the likeliest token', '0')
    .option('--chat', 'ask as a chat message instead of a text to continue')
    .option('--explain', 'wait until the answer is settled, and say which records shaped it')
    .action((model: string, prompt: string, flags: Flags) =>
      signing(flags, (openledger) => ask(openledger, model, prompt, flags)),
    )
  return signs(command)
}

type Flags = SendingFlags & {
  maxOpen: string
  maxTokens: string
  temperature: string
  chat?: boolean
  explain?: boolean
}

async function ask(openledger: OpenLedger, model: string, prompt: string, flags: Flags): Promise<void> {
  const sampling = {
    model,
    max_tokens: wholeOf(flags.maxTokens, 1, 4096),
    temperature: temperatureOf(flags.temperature),
    maxPriceWei: amountOf(flags.maxOpen),
  }
  const show = (text: string) => void (flags.json || process.stdout.write(text))
  const question = flags.chat
    ? { ...sampling, messages: [{ role: 'user' as const, content: prompt }] }
    : { ...sampling, prompt }
  const { text, usage, signed } = await openledger.ask(question, show)
  const { receipt, receiptHash } = signed
  if (!flags.json) process.stdout.write('\n')
  note(`${usage.completion_tokens} tokens for ${formatOpen(BigInt(receipt.priceWei))}, receipt ${receiptHash}`)
  const explanation = flags.explain ? await whenSettled(openledger, receiptHash) : undefined
  if (flags.json) printJson({ text, usage, receiptHash, priceWei: receipt.priceWei, explanation })
  else if (explanation !== undefined) printAnswer(explanation)
}

/** Nodes settle at their own pace; until then nothing on chain knows the answer. */
async function whenSettled(openledger: OpenLedger, receiptHash: string) {
  note('Waiting until the node settles the answer…')
  const deadline = Date.now() + SETTLED_WITHIN_MS
  for (;;) {
    try {
      return await explain(openledger.network, receiptHash)
    } catch (error) {
      const waits = error instanceof OpenLedgerError && error.retryable && Date.now() < deadline
      if (!waits) throw error
      await new Promise((done) => setTimeout(done, PAUSE_MS))
    }
  }
}

function temperatureOf(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 2) return value
  throw new OpenLedgerError('number.malformed', 'A temperature is a number from 0 to 2.', {
    facts: { temperature: plain(text).slice(0, 20) },
    nextStep: 'Correct --temperature.',
  })
}
