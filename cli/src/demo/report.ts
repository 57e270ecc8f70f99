/** What `npm run demo -- --json` prints. Amounts are decimal strings in wei of OPEN, times are seconds. */
export type DemoReport = {
  chainId: number
  contracts: Record<string, string>
  datanets: { id: string; name: string; modality: 'text'; records: number; contributors: number }[]
  adapters: { id: string; name: string; lossBefore: number; lossAfter: number; records: number }[]
  answers: {
    receiptHash: string
    adapter: string
    promptTokens: number
    completionTokens: number
    priceWei: string
    /** Clusters with positive influence, and verbatim spans. */
    evidence: { influence: number; verbatim: number }
  }[]
  epoch: { number: number; root: string; totalWei: string; leaves: number }
  claims: { account: string; amountWei: string; txHash: string }[]
  /** What settlements set aside for those who stake on the adapters, over all pools. */
  stakers: { pools: number; totalWei: string }
  checks: {
    /** The vault pays by this root, and the court's epoch holds it. */
    rootOnChain: boolean
    /** Leaves = promised total = contributors' part of all settlements = what was funded, to the wei. */
    sumExact: boolean
    /** The subgraph's sums equal those of the contracts' own events. */
    subgraphEqualsChain: boolean
    /** Inclusion proofs checked: one for each claim and one for each receipt. */
    proofsVerified: number
    /** Answers computed again from their transcript, all to the same tokens. */
    answersReplayed: number
    /** `verify` came to the same root from the chain and the content store alone. */
    verifyReproducedRoot: boolean
    /** Each adapter's validation loss fell. */
    lossesFell: boolean
    /** Each staked adapter's pool grew by exactly what its answers set aside. */
    stakersPaid: boolean
    /** Every account with a positive leaf got exactly that. */
    everyContributorPaid: boolean
  }
  seconds: {
    up: number
    train: number
    serve: number
    attribute: number
    commit: number
    claim: number
    total: number
  }
}

/** Names of the checks that did not hold. */
export function failedChecks({ checks, answers, claims }: DemoReport): string[] {
  const failed = Object.entries(checks).filter(([, value]) => value === false)
  const names = failed.map(([name]) => name)
  if (checks.answersReplayed !== answers.length) names.push('answersReplayed')
  if (checks.proofsVerified !== answers.length + claims.length) names.push('proofsVerified')
  if (claims.length === 0) names.push('claims')
  return names
}
