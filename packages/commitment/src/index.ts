export { type Claim, verifyClaim } from './claim.ts'
export * from './largest-remainder.ts'
export { RewardTree } from './reward-tree.ts'
