import { digestOfCid, type EpochManifest, OpenLedgerError } from '@openledger/protocol'
import type { TransactionReceipt, Wallet } from 'ethers'
import type { Contracts } from '../chain/contracts.ts'
import { sendSigned, sendTransaction } from '../chain/send-transaction.ts'
import type { Journal } from './journal.ts'

/**
 * Puts an epoch's root before RootCourt: moves the contributors' money into the vault where it is not there yet, lets the
 * court take the bond, proposes. Each step asks the chain whether it is still needed, and the proposal's transaction is
 * kept before it is sent, so being killed anywhere and starting again gives one proposal.
 *
 * @throws epoch.not_proposer, epoch.bond_short, epoch.dripping, epoch.underfunded, and what `sendTransaction` throws
 */
export async function proposeEpoch(
  epoch: { manifest: EpochManifest; cid: string },
  signer: Wallet,
  contracts: Contracts,
  journal: Journal,
): Promise<TransactionReceipt> {
  const { manifest, cid } = epoch
  const kept = await journal.proposal(manifest.number)
  if (kept?.signedTransaction && kept.manifest === cid) {
    try {
      return await sendSigned(signer, kept.signedTransaction)
    } catch (error) {
      // Its place was taken, or it reverted: the chain's state, asked above and below, decides anew.
      if (!(error instanceof OpenLedgerError) || !['chain.nonce_used', 'chain.reverted'].includes(error.code))
        throw error
    }
  }
  await requireProposer(signer, contracts)
  await fundVault(BigInt(manifest.totalWei), signer, contracts)
  await allowBond(signer, contracts)
  const proposal = {
    root: manifest.root,
    dataDigest: digestOfCid(cid),
    engineHash: manifest.engineHash,
    totalWei: BigInt(manifest.totalWei),
    toBlock: manifest.toBlock,
    blockHash: manifest.blockHash,
  }
  const transaction = await contracts.court.propose!.populateTransaction(proposal)
  return sendTransaction(signer, transaction, (signedTransaction) =>
    journal.keepProposal({ epoch: manifest.number, manifest: cid, signedTransaction }),
  )
}

async function requireProposer(signer: Wallet, { court }: Contracts): Promise<void> {
  if (await court.isProposer!(signer.address)) return
  throw new OpenLedgerError('epoch.not_proposer', 'The engine’s account may not propose roots.', {
    facts: { account: signer.address },
    nextStep: 'Let governance allow it (RootCourt.setProposer), or set OPENLEDGER_KEY to an allowed account’s key.',
  })
}

/** The court takes no root that promises more than has reached the vault: what contributors earned is swept, and drips. */
async function fundVault(totalWei: bigint, signer: Wallet, { escrow, distributor, drip }: Contracts): Promise<void> {
  const missingWei = async () => totalWei - ((await distributor.funded!()) as bigint)
  if ((await missingWei()) <= 0n) return
  if ((await escrow.contributorsPoolWei!()) !== 0n) {
    await sendTransaction(signer, await escrow.sweep!.populateTransaction())
    if ((await missingWei()) <= 0n) return
  }
  const [waitingWei, allowanceWei] = (await Promise.all([drip.waitingWei!(), drip.allowanceWei!()])) as [bigint, bigint]
  if (waitingWei !== 0n && allowanceWei !== 0n) {
    await sendTransaction(signer, await drip.drip!.populateTransaction())
    if ((await missingWei()) <= 0n) return
  }
  const facts = { totalWei, missingWei: await missingWei(), waitingWei: (await drip.waitingWei!()) as bigint }
  if (facts.waitingWei >= facts.missingWei) {
    throw new OpenLedgerError('epoch.dripping', 'What the epoch promises has not all reached the vault yet.', {
      facts,
      nextStep: 'Wait: the rest drips in by itself, and the epoch is proposed then. Governance sets how fast.',
      retryable: true,
    })
  }
  throw new OpenLedgerError('epoch.underfunded', 'The vault holds less than the epoch promises.', {
    facts,
    nextStep: 'Do not propose it: the settlements and the escrow’s pool disagree. Run `openledger verify latest`.',
  })
}

async function allowBond(signer: Wallet, { court, token }: Contracts): Promise<void> {
  const bondWei = (await court.bondWei!()) as bigint
  const balanceWei = (await token.balanceOf!(signer.address)) as bigint
  if (balanceWei < bondWei) {
    throw new OpenLedgerError('epoch.bond_short', 'The engine’s account cannot cover the bond of a proposal.', {
      facts: { account: signer.address, balanceWei, bondWei },
      nextStep: 'Send OPEN to the account; the bond comes back when the root is live.',
      retryable: true,
    })
  }
  const courtAddress = await court.getAddress()
  if ((await token.allowance!(signer.address, courtAddress)) >= bondWei) return
  await sendTransaction(signer, await token.approve!.populateTransaction(courtAddress, bondWei))
}
