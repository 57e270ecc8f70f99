import { useCallback, useRef, useState } from 'react'
import { weiOf } from '../app/format.ts'
import { signingSdk } from '../wallet/openledger.ts'
import type { Connected } from '../wallet/wallets.ts'
import type { Question } from './copy-as.tsx'

/** Where a question is. The text of a stream that breaks off stays. */
export type Asking =
  | { kind: 'idle' }
  | { kind: 'asking'; question: Question; text: string; pieces: number }
  | {
      kind: 'answered'
      question: Question
      text: string
      receipt: `0x${string}`
      promptTokens: number
      completionTokens: number
      priceWei: string
    }
  | { kind: 'failed'; question: Question; text: string; error: unknown }

/** The most that a page pays for one answer. */
const MOST_OPEN = '1'

/** Asks a model, paid by voucher from the connected account’s deposit; the receipt is checked before the answer counts. */
export function useAsking(connected: Connected | null): {
  asking: Asking
  ask: (question: Question) => Promise<void>
  clear: () => void
} {
  const [asking, setAsking] = useState<Asking>({ kind: 'idle' })
  const turn = useRef(0)
  const ask = useCallback(
    async (question: Question) => {
      if (connected === null) return
      turn.current++
      const mine = turn.current
      let text = ''
      let pieces = 0
      const show = (next: Asking) => {
        if (turn.current === mine) setAsking(next)
      }
      show({ kind: 'asking', question, text, pieces })
      try {
        const openledger = await signingSdk(connected)
        const { model, mode, prompt, maxTokens } = question
        const shared = { model, max_tokens: maxTokens, maxPriceWei: weiOf(MOST_OPEN)! }
        const answer = await openledger.ask(
          mode === 'chat' ? { ...shared, messages: [{ role: 'user', content: prompt }] } : { ...shared, prompt },
          (piece) => {
            text += piece
            pieces++
            show({ kind: 'asking', question, text, pieces })
          },
        )
        const { receipt } = answer.signed
        show({
          kind: 'answered',
          question,
          text: answer.text,
          receipt: answer.signed.receiptHash as `0x${string}`,
          promptTokens: Number(receipt.promptTokens),
          completionTokens: Number(receipt.completionTokens),
          priceWei: receipt.priceWei,
        })
      } catch (error) {
        show({ kind: 'failed', question, text, error })
      }
    },
    [connected],
  )
  const clear = useCallback(() => {
    turn.current++
    setAsking({ kind: 'idle' })
  }, [])
  return { asking, ask, clear }
}
