import { Transaction } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DevChain } from '../testing/dev-chain.ts'
import { sendSigned, sendTransaction } from './send-transaction.ts'

let chain: DevChain

beforeAll(async () => {
  chain = await DevChain.start()
})

afterAll(() => chain.stop())

/** Gives `wei` of OPEN to an account that nobody else uses. */
function transfer(to: string, wei: bigint) {
  return chain.as('payer').token.transfer!.populateTransaction(to, wei)
}
const balanceOf = (account: string) => chain.as('payer').token.balanceOf!(account)

test('what is signed can be kept before it is sent, and sending it again changes nothing', async () => {
  const { payer, cleo } = chain.wallets
  let kept = ''
  const receipt = await sendTransaction(payer, await transfer(cleo.address, 5n), async (signed) => {
    expect(await balanceOf(cleo.address)).toBe(0n)
    kept = signed
  })
  expect(receipt.hash).toBe(Transaction.from(kept).hash)
  expect((await sendSigned(payer, kept)).hash).toBe(receipt.hash)
  expect(await balanceOf(cleo.address)).toBe(5n)
})

test('transactions of one account that are sent at once get a nonce each', async () => {
  const { payer, ada } = chain.wallets
  const receipts = await Promise.all(
    [1n, 2n, 3n, 4n].map(async (wei) => sendTransaction(payer, await transfer(ada.address, wei))),
  )
  expect(new Set(receipts.map(({ hash }) => hash)).size).toBe(4)
  expect(await balanceOf(ada.address)).toBe(10n)
})

test('one that failed does not hold up the next', async () => {
  const { payer, bob } = chain.wallets
  const failing = sendTransaction(payer, await transfer(bob.address, 1n), () => Promise.reject(new Error('disk full')))
  const next = sendTransaction(payer, await transfer(bob.address, 2n))
  await expect(failing).rejects.toThrow('disk full')
  expect((await next).status).toBe(1)
  expect(await balanceOf(bob.address)).toBe(2n)
})

test('what a contract would refuse is not sent, and says why', async () => {
  const { bob } = chain.wallets
  const nonce = await chain.provider.getTransactionCount(bob.address)
  const refused = await chain.as('bob').court.releaseBond!.populateTransaction(1n)
  await expect(sendTransaction(bob, refused)).rejects.toMatchObject({ code: 'chain.refused', retryable: true })
  expect(await chain.provider.getTransactionCount(bob.address)).toBe(nonce)
})

test('a transaction whose place was taken is said so', async () => {
  const { payer, bob } = chain.wallets
  let kept = ''
  const unsent = sendTransaction(payer, await transfer(bob.address, 7n), async (signed) => {
    kept = signed
    throw new Error('killed')
  })
  await expect(unsent).rejects.toThrow('killed')
  await sendTransaction(payer, await transfer(bob.address, 8n))
  await expect(sendSigned(payer, kept)).rejects.toMatchObject({ code: 'chain.nonce_used' })
})

test('one that is mined but fails is said so', async () => {
  const { payer, bob } = chain.wallets
  const { data, to } = await transfer(bob.address, 2n ** 200n)
  const { nonce, chainId } = {
    nonce: await chain.provider.getTransactionCount(payer.address),
    chainId: (await chain.provider.getNetwork()).chainId,
  }
  const fees = { gasLimit: 100_000, maxFeePerGas: 10n ** 9n, maxPriorityFeePerGas: 0n, type: 2 }
  const signed = await payer.signTransaction({ to, data, nonce, chainId, ...fees })
  await expect(sendSigned(payer, signed)).rejects.toMatchObject({ code: 'chain.reverted' })
})
