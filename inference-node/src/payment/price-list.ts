import { OpenLedgerError } from '@openledger/protocol'
import { z } from 'zod'

const wei = z.string().regex(/^(0|[1-9][0-9]{0,37})$/, 'must be a decimal number of wei')

/** What a model costs, in wei of OPEN per 1,000 tokens. */
export const Price = z.object({ promptWei: wei, completionWei: wei })
export type Price = z.infer<typeof Price>

/** Prices by a model's id (0x…) or name; where both are given, the id counts. `default` is for all others. */
const Prices = z.record(z.string().min(1), Price)

export class PriceList {
  readonly #default: Price
  readonly #byModel: ReadonlyMap<string, Price>

  constructor(fallback: Price, byModel: Record<string, Price> = {}) {
    this.#default = fallback
    this.#byModel = new Map(Object.entries(byModel))
  }

  /** @throws settings.invalid naming the fault */
  static parse(fallback: Price, json: string): PriceList {
    const result = z.string().transform(parseJson).pipe(Prices).safeParse(json)
    if (result.success) return new PriceList(fallback, result.data)
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
    throw new OpenLedgerError('settings.invalid', 'The price list is malformed.', {
      facts: { faults },
      nextStep: 'Set OPENLEDGER_PRICES to JSON like {"my-adapter": {"promptWei": "1000", "completionWei": "2000"}}.',
    })
  }

  of(model: { id: string; name: string }): Price {
    return this.#byModel.get(model.id) ?? this.#byModel.get(model.name) ?? this.#default
  }
}

/** What so many tokens cost, rounded up to the wei so that no answer is free by rounding. */
export function priceOf(price: Price, promptTokens: number, completionTokens: number): bigint {
  const thousandfold =
    BigInt(price.promptWei) * BigInt(promptTokens) + BigInt(price.completionWei) * BigInt(completionTokens)
  return (thousandfold + 999n) / 1000n
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' })
    return z.NEVER
  }
}
