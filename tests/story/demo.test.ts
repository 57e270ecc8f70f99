import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import { type EventLog, JsonRpcProvider } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractOf } from '../../cli/src/chain/contracts.ts'
import { sumsOfChain, sumsOfIndex } from '../../cli/src/demo/index-equals-chain.ts'
import type { DemoReport } from '../../cli/src/demo/report.ts'
import { readSettings } from '../../cli/src/settings.ts'
import { type Stack, startStack } from '../../cli/src/stack/stack.ts'
import { verifyAgainstChain } from '../../cli/src/verify-epoch.ts'
import { describeCommands } from './commands.ts'
import { describeDashboard } from './dashboard/dashboard.ts'

/**
 * The whole story, told once by `npm run demo -- --json --keep` and then looked at from outside: its claims are
 * recomputed from the chain that it left behind, on a stack that is started again on its state after a kill -9.
 */
const root = resolve(import.meta.dirname, '../..')

let folder: string
let report: DemoReport
let exitCode: number | null
let progress = ''
let stack: Stack
let provider: JsonRpcProvider

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-story-'))
  const demo = spawn('npm', ['run', '--silent', 'demo', '--', '--json', '--keep', folder], { cwd: root })
  let output = ''
  demo.stdout.on('data', (chunk) => {
    output += chunk
  })
  demo.stderr.on('data', (chunk) => {
    progress += chunk
  })
  exitCode = await new Promise((done) => demo.on('close', done))
  if (output === '') throw new Error(`the demo printed no report:\n${progress}`)
  report = JSON.parse(output)
})

afterAll(async () => {
  provider?.destroy()
  await stack?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

describe('the demo', () => {
  test('ends with exit code 0 and every check true', () => {
    expect({ exitCode, checks: report.checks }).toEqual({
      exitCode: 0,
      checks: {
        rootOnChain: true,
        sumExact: true,
        subgraphEqualsChain: true,
        proofsVerified: report.answers.length + report.claims.length,
        answersReplayed: report.answers.length,
        verifyReproducedRoot: true,
        lossesFell: true,
        stakersPaid: true,
        everyContributorPaid: true,
      },
    })
  })

  test('is as large as it says: Datanets, contributors, records, adapters, answers', () => {
    expect(report.datanets.length).toBeGreaterThanOrEqual(3)
    expect(report.datanets.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThanOrEqual(500)
    expect(report.adapters).toHaveLength(3)
    for (const { lossBefore, lossAfter } of report.adapters) expect(lossAfter).toBeLessThan(lossBefore)
    expect(report.answers.length).toBeGreaterThanOrEqual(24)
    expect(new Set(report.answers.map(({ adapter }) => adapter)).size).toBe(3)
    expect(report.claims.length).toBeGreaterThanOrEqual(12)
  })

  test('finds influence for its answers, and of more than one contributor', () => {
    const withInfluence = report.answers.filter(({ evidence }) => evidence.influence > 0)
    expect(withInfluence.length).toBeGreaterThan(report.answers.length / 2)
  })
})

describe('a stack whose supervisor is killed with -9', () => {
  test('leaves no process, and the next start goes on from its state', async () => {
    const supervisor = fork(join(import.meta.dirname, 'stack-process.ts'), [folder], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const { pids } = await message<{ pids: number[] }>(supervisor)
    expect(pids.length).toBeGreaterThanOrEqual(6)
    supervisor.kill('SIGKILL')
    await untilGone(pids)
    stack = await startStack({ settings: await readSettings({ state: folder }), ports: 'free' })
    provider = new JsonRpcProvider(stack.urls.chain, undefined, { staticNetwork: true })
    expect(
      Object.fromEntries(Object.entries(stack.deployment.contracts).map(([name, { address }]) => [name, address])),
    ).toEqual(report.contracts)
  })
})

describe('what the demo left behind', () => {
  test('the claims that it reports are on chain, each with its amount', async () => {
    const distributor = contractOf(stack.deployment, 'RewardDistributor', provider)
    const events = (await distributor.queryFilter('Claimed', 0)) as EventLog[]
    const onChain = events.map(({ args, transactionHash }) => ({
      account: String(args.account).toLowerCase(),
      amountWei: String(args.amountWei),
      txHash: transactionHash,
    }))
    expect(onChain).toEqual(report.claims)
  })

  test('what was claimed is what was funded, which is the contributors’ part of what was settled, to the wei', async () => {
    const sums = await sumsOfChain(place(), await provider.getBlockNumber())
    const claimedWei = report.claims.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n).toString()
    expect([sums.claimedWei, sums.fundedWei, sums.contributorsWei, report.epoch.totalWei]).toEqual(
      Array(4).fill(claimedWei),
    )
  })

  test('the index says the same as the chain', async () => {
    const indexed = await untilIndexed()
    expect(await sumsOfIndex(stack.urls.subgraph, indexed)).toEqual(await sumsOfChain(place(), indexed))
  })

  test('the root follows from the chain and the content store alone', async () => {
    const verified = await verifyAgainstChain({ rpcUrl: stack.urls.chain, ...place(), epoch: 'latest', sample: 2 })
    expect(verified.mismatches).toEqual([])
    expect(verified).toMatchObject({ reproducedRoot: true, root: report.epoch.root, epoch: report.epoch.number })
    expect(verified.answers).toMatchObject({ paid: report.answers.length, replayed: 2, gradientsRecomputed: 2 })
  })

  test('one GraphQL query goes from an answer to evidence, record, contributor, licence, share, proof and claim', async () => {
    const response = await fetch(`${stack.urls.api}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: PROVENANCE, variables: { receipt: paidAnswer().receiptHash } }),
    })
    const { data, errors } = (await response.json()) as { data: { answer: Provenance }; errors?: unknown }
    expect(errors).toBeUndefined()
    const { answer } = data
    expect(answer.epoch).toEqual({ number: report.epoch.number, root: report.epoch.root, isLive: true })
    const [strongest] = answer.evidence.influence
    expect(strongest!.record).toMatchObject({ licence: expect.any(String), text: expect.any(String) })
    expect(strongest!.contributor.name).not.toMatch(/^0x/)
    expect(strongest!.contributor.proof.root).toBe(report.epoch.root)
    expect(strongest!.contributor.claimableWei).toBe('0')
    const claim = report.claims.find(({ account }) => account === strongest!.contributor.account)
    expect(strongest!.contributor.claims).toContainEqual({
      amountWei: claim!.amountWei,
      transactionHash: claim!.txHash,
    })
    const shared = answer.shares.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)
    expect(shared).toBe(BigInt(answer.poolWei))
  })

  test('the query that README shows answers as it stands there', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const [, query] = /```graphql\n([\s\S]*?)```/.exec(readme)!
    const response = await fetch(`${stack.urls.api}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data, errors } = (await response.json()) as { data: { answers: { nodes: unknown[] } }; errors?: unknown }
    expect(errors).toBeUndefined()
    expect(data.answers.nodes).toHaveLength(1)
  })

  test('the page and every endpoint that it links answer', async () => {
    const links = (await (await fetch(`${stack.urls.api}/links.json`)).json()) as Record<string, string>
    const paths = ['/', '/playground', '/theme.js', '/healthz', '/readyz', '/metrics'].map(
      (path) => `${stack.urls.api}${path}`,
    )
    for (const url of [...paths, `${links.inference}/v1/models`, `${links.engine}/status`]) {
      // As a browser that opens it: a program that asks for a page by its path gets an error.
      const { status } = await fetch(url, { headers: { accept: 'text/html,*/*' } })
      expect([url, status]).toEqual([url, 200])
    }
  })
})

describeCommands(() => {
  const { urls } = stack
  const port = (url: string) => new URL(url).port
  const environment = {
    OPENLEDGER_STATE: folder,
    OPENLEDGER_API_PORT: port(urls.api),
    OPENLEDGER_INFERENCE_PORT: port(urls.inference),
    OPENLEDGER_CONTENT_PORT: port(urls.content),
    OPENLEDGER_CHAIN_PORT: port(urls.chain),
  }
  return { environment, urls }
})

describeDashboard(() => stack)

const PROVENANCE = `query($receipt: Bytes32!) {
  answer(receiptHash: $receipt) {
    text poolWei
    model { name base { name } datanets { version datanet { name licence } } }
    epoch { number root isLive }
    evidence { influence(first: 3) {
      sharePpm
      record { title text licence contribution { transactionHash } }
      contributor { account name claimableWei proof { root word index siblings } claims { amountWei transactionHash } }
    } verbatim(first: 3) { text documents { record { title } } } }
    shares { amountWei contributor { name } record { title } }
  }
}`

type Provenance = {
  poolWei: string
  epoch: unknown
  shares: { amountWei: string }[]
  evidence: {
    influence: {
      record: unknown
      contributor: {
        account: string
        name: string
        claimableWei: string
        proof: { root: string }
        claims: unknown[]
      }
    }[]
  }
}

function place() {
  return { deployment: stack.deployment, provider, contentStore: new HttpContentStore(stack.urls.content) }
}

function paidAnswer() {
  return report.answers.find(({ evidence }) => evidence.influence > 0)!
}

/** The block that the index has reached, once that is the chain's head of now. */
async function untilIndexed(): Promise<number> {
  const head = await provider.getBlockNumber()
  for (;;) {
    const sums = await sumsOfIndex(stack.urls.subgraph, head).catch(() => null)
    if (sums !== null) return head
    await new Promise((done) => setTimeout(done, 300))
  }
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    child.once('message', (said) => done(said as T))
    child.once('exit', (code) => fail(new Error(`the supervisor ended with ${code} before it was ready`)))
  })
}

async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const alive = pids.filter((pid) => {
      try {
        process.kill(pid, 0)
        return true
      } catch {
        return false
      }
    })
    if (alive.length === 0) return
    if (Date.now() > deadline) throw new Error(`still running: ${alive.join(', ')}`)
    await new Promise((done) => setTimeout(done, 200))
  }
}
