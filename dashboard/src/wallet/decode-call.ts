import { contractOf, type OpenLedger } from '@openledger/sdk'

/**
 * A proposal's call in words: contract, function and its values by name, as far as it calls one of ours.
 * @returns null when the target or the function is none of ours
 */
export function decodeCall(
  { network, provider }: OpenLedger,
  { target, data }: { target: string; data: string },
): DecodedCall | null {
  const found = Object.entries(network.contracts).find(
    ([, { address }]) => address.toLowerCase() === target.toLowerCase(),
  )
  if (found === undefined) return null
  const name = found[0] as Parameters<typeof contractOf>[1]
  const call = contractOf(network, name, provider).interface.parseTransaction({ data })
  if (call === null) return null
  const values = call.fragment.inputs.map((input, place) => ({
    name: input.name,
    type: input.type,
    value: String(call.args[place]),
  }))
  return { contract: name, method: call.name, values }
}

export type DecodedCall = { contract: string; method: string; values: { name: string; type: string; value: string }[] }
