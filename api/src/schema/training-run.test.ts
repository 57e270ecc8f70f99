import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiUnderTest, startApiUnderTest, word } from '../testing/api-under-test.ts'

const RUN = {
  id: 'b7a2f0de-0000-4000-8000-000000000001',
  name: 'proverbs',
  kind: 'lora',
  status: 'DONE',
  jobNumber: null,
  modelId: word(7),
  attempts: 1,
  error: null,
  evaluation: null,
  createdAtMs: 1_790_000_000_000,
  finishedAtMs: 1_790_000_001_000,
  progress: { run: 'b7a2f0de-0000-4000-8000-000000000001', sequence: 2, atMs: 1_790_000_001_000, phase: 'done' },
}
const rowOf = (n: number, verdict: string) => ({
  digest: word(n),
  datanet: word(1),
  contributor: `0x${'1'.repeat(40)}`,
  verdict,
  reasons: [],
})

/** What the factory was asked, and what it then said. */
let asked: { method: string; path: string; body: unknown }[]
let status: number
let answer: unknown
let api: ApiUnderTest
const factory = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  asked.push({ method: request.method!, path: request.url!, body: text === '' ? null : JSON.parse(text) })
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
})

beforeAll(async () => {
  await new Promise<void>((done) => factory.listen(0, '127.0.0.1', done))
  api = await startApiUnderTest({}, { factoryUrl: `http://127.0.0.1:${(factory.address() as AddressInfo).port}` })
})
afterAll(async () => {
  await api.close()
  factory.close()
})

async function ask(query: string, variables: object, on = api) {
  const response = await fetch(`${on.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as {
    data: Record<string, unknown> | null
    errors?: { extensions: { code: string } }[]
  }
}

function says(newStatus: number, newAnswer: unknown) {
  asked = []
  status = newStatus
  answer = newAnswer
}

const INPUT = { name: 'proverbs', datanets: [word(1)], licence: null, recipe: { rank: 8 } }
const REQUEST =
  'mutation($input: TrainingInput!) { requestTraining(input: $input) { id status modelId progress { phase } } }'

describe('training through the api', () => {
  test('is asked of the factory, without what was left out', async () => {
    says(202, RUN)
    const { data } = await ask(REQUEST, { input: INPUT })
    expect(data).toMatchObject({ requestTraining: { id: RUN.id, status: 'DONE', progress: { phase: 'done' } } })
    const body = { name: 'proverbs', datanets: [word(1)], recipe: { rank: 8 } }
    expect(asked).toEqual([{ method: 'POST', path: '/runs', body }])
  })

  test('is refused with the factory’s own code', async () => {
    says(422, { error: { code: 'training.recipe_invalid', message: 'no', facts: {}, nextStep: 'x', retryable: false } })
    const { errors } = await ask(REQUEST, { input: INPUT })
    expect(errors?.[0]?.extensions.code).toBe('training.recipe_invalid')
  })

  test('without a budget is for chains whose operator lets anybody write', async () => {
    const strict = await startApiUnderTest({}, { uploads: 'signed-in' })
    says(202, RUN)
    const { errors } = await ask(REQUEST, { input: INPUT }, strict)
    expect(errors?.[0]?.extensions.code).toBe('training.needs_budget')
    expect(asked).toEqual([])
    await strict.close()
  })

  test('has rows of a preflight by verdict and page', async () => {
    const rows = [rowOf(1, 'USED'), rowOf(2, 'LEFT_OUT'), rowOf(3, 'USED')]
    says(200, { isReady: true, rows })
    const { data } = await ask(
      'query($input: TrainingInput!) { trainingPreflight(input: $input) { isReady rows(only: USED, skip: 1) { digest } } }',
      { input: INPUT },
    )
    expect(data).toEqual({ trainingPreflight: { isReady: true, rows: [{ digest: word(3) }] } })
  })

  test('is told as null where there is no such run, and refused where one is to be ended', async () => {
    says(404, { error: {} })
    expect((await ask('{ trainingRun(id: "../../offer") { id } }', {})).data).toEqual({ trainingRun: null })
    expect(asked[0]!.path).toBe('/runs/..%2F..%2Foffer')
    const { errors } = await ask('mutation { cancelTraining(id: "x") { id } }', {})
    expect(errors?.[0]?.extensions.code).toBe('training.run_unknown')
  })

  test('needs the factory, and says so where it is gone', async () => {
    const alone = await startApiUnderTest()
    const { errors } = await ask('{ trainingRuns { id } }', {}, alone)
    expect(errors?.[0]?.extensions.code).toBe('factory.unavailable')
    await alone.close()
  })

  test('orders put their recipe into the content store and name each Datanet as of its last contribution', async () => {
    const contribution = { id: word(9), datanet: word(1), version: 1, contributor: word(2), blockNumber: '5' }
    const ordering = await startApiUnderTest({ Contribution: [contribution] })
    const { data, errors } = await ask(
      `mutation($input: TrainingInput!, $terms: TrainingTermsInput!) {
        prepareTrainingOrder(input: $input, terms: $terms) { recipeCid call { description before { description } } }
      }`,
      { input: { ...INPUT, baseModel: word(4) }, terms: { budgetWei: '5', deadline: '1790000000' } },
      ordering,
    )
    expect(errors).toBeUndefined()
    const { recipeCid, call } = data!.prepareTrainingOrder as { recipeCid: string; call: { before: object } }
    expect(call.before).not.toBeNull()
    const stored = JSON.parse(new TextDecoder().decode(await ordering.contentStore.get(recipeCid)))
    expect(stored).toEqual({ kind: 'openledger/recipe@1', name: 'proverbs', recipe: { rank: 8 } })
    await ordering.close()
  })
})
