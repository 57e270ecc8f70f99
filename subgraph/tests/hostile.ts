import { gzipSync } from 'node:zlib'
import { cidOf, digestOfCid } from '@openledger/protocol'
import type { Manner } from './hostile-content.ts'
import { word } from './test-case.ts'

/** What stands in place of a contribution manifest. */
type Input = {
  name: string
  bytes: Uint8Array
  manner: Manner
  /** Records that the contribution states. */
  stated: number
  /** What the index says: the fault, null for a good manifest, undefined for one that it cannot get. */
  fault: string | null | undefined
}

const NO_JSON = 'not JSON in UTF-8'
const NO_CID = 'records.0.cid must be a CIDv1 (raw, sha2-256, base32)'
const NO_SIZE = 'records.0.sizeBytes must be an integer from 1 to 2^53 - 1'
/** A title that plays every trick: other directions, no width, marks on marks, controls, a zero character. */
export const HOSTILE_TEXT =
  '\u202e\u2066א👩🏽‍🚀e\u0301\u0301\u0301\ufeff\u0007\u001b[2J\r\n\u0000\'"; DROP TABLE record; --</script>'

/** Every way that we know of to write or serve a manifest badly, and some that look bad and are not. */
export function hostileInputs(datanetId: string, contributor: string): Input[] {
  const good = (name: string, records: unknown[] = [record(name)]) => ({
    kind: 'openledger/contribution@1',
    ...{ datanetId, contributor, licence: 'MIT', attribution: { name }, records },
  })
  const whole = (name: string, content: Content, fault: Input['fault'], stated = 1): Input => ({
    ...{ name, bytes: bytesOf(content), manner: 'whole', stated, fault },
  })
  const served = (manner: Manner, fault: Input['fault'], name: string = manner): Input => ({
    ...{ name, bytes: bytesOf(good(name)), manner, stated: 1, fault },
  })
  const json = (name: string) => JSON.stringify(good(name))
  const bytes = (name: string, from: string, to: number[]) => replaced(bytesOf(good(name)), from, to)
  const sized = (name: string, size: string) => json(name).replace('"sizeBytes":1', `"sizeBytes":${size}`)
  const identified = (name: string, cid: unknown) => good(name, [{ ...record(name), cid }])
  return [
    whole('no byte', '', NO_JSON),
    whole('zeros', new Uint8Array(64), NO_JSON),
    whole('half a manifest', json('half').slice(0, 150), NO_JSON),
    whole('half a character', bytesOf(json('é')).subarray(0, json('é').indexOf('é') + 1), NO_JSON),
    whole('two manifests', json('two') + json('two'), NO_JSON),
    whole('a zero character after the end', `${json('end')}\u0000`, NO_JSON),
    whole('a byte order mark', `\ufeff${json('mark')}`, NO_JSON),
    whole('UTF-16', Buffer.from(json('wide'), 'utf16le'), NO_JSON),
    whole('gzip', gzipSync(json('gzip')), NO_JSON),
    whole('Latin-1', bytes('caf~', '~', [0xe9]), NO_JSON),
    whole('a surrogate in UTF-8', bytes('half~pair', '~', [0xed, 0xa0, 0x80]), NO_JSON),
    whole('an overlong zero', bytes('long~zero', '~', [0xc0, 0x80]), NO_JSON),
    whole('beyond Unicode', bytes('far~out', '~', [0xf5, 0x80, 0x80, 0x80]), NO_JSON),
    whole('a bare control character', bytes('new~line', '~', [0x0a]), NO_JSON),
    whole('an escaped lone surrogate', json('lone~').replace('~', '\\udc00'), NO_JSON),
    whole('noise', noise(65_536), NO_JSON),
    whole('a million brackets', '['.repeat(1_000_000), NO_JSON),
    whole('nested too deep', { ...good('deep'), later: nested(200) }, NO_JSON),
    whole('nested deep', { ...good('deep'), later: nested(100) }, null),
    whole('not a number', sized('nan', 'NaN'), NO_JSON),
    whole('a number beyond doubles', sized('great', '1e400'), NO_SIZE),
    whole('a number of 100,000 digits', sized('digits', '7'.repeat(100_000)), NO_SIZE),
    whole('a great number where nobody looks', json('spare').replace('{', `{"later":${'7'.repeat(100_000)},`), null),
    whole('a negative size', sized('negative', '-1'), NO_SIZE),
    whole('minus nothing', sized('minus', '-0'), NO_SIZE),
    whole('a fraction', sized('fraction', '1.0'), NO_SIZE),
    whole('beyond what JavaScript counts', sized('2^53', '9007199254740992'), NO_SIZE),
    whole(
      'the last of two equal keys, which is bad',
      json('last').replace(/}$/, ',"records":[]}'),
      'records must not be empty',
    ),
    whole('the last of two equal keys, which is good', json('first').replace('{', '{"records":[],'), null),
    whole(
      'a key called as what all objects have',
      json('proto').replace('{', '{"__proto__":{"kind":1},"constructor":2,'),
      null,
    ),
    whole('a list', '[]', 'not a JSON object'),
    whole(
      'another version',
      { ...good('next'), kind: 'openledger/contribution@2' },
      'kind must be openledger/contribution@1',
    ),
    whole('another Datanet', { ...good('other'), datanetId: word('other') }, 'datanetId is not the contribution’s'),
    whole(
      'another contributor',
      { ...good('they'), contributor: `0x${'11'.repeat(20)}` },
      'contributor is not who contributed',
    ),
    whole('another licence', { ...good('free'), licence: 'MIT\u0000' }, 'licence is not the contribution’s'),
    whole('too few records', good('few'), 'records are not as many as contributed', 2),
    whole('the greatest count', good('most'), 'records are not as many as contributed', 2 ** 32 - 1),
    whole('a digest of 31 bytes', identified('short', `b${'a'.repeat(57)}`), NO_CID),
    whole(
      'a digest of another kind',
      identified('sha1', 'bafkrmiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
      NO_CID,
    ),
    whole('a path for a CID', identified('path', '../../etc/passwd'), NO_CID),
    whole('a CID that is an object', identified('object', { toString: 1 }), NO_CID),
    whole('the same record twice', good('twice', [record('twice'), record('twice')]), null, 2),
    whole(
      'a long title',
      good('long', [{ ...record('long'), title: '👩'.repeat(5_000) }]),
      'records.0.title must have 0 to 512 characters',
    ),
    whole('a hostile title', good('title', [{ ...record('title'), title: HOSTILE_TEXT }]), null),
    whole('many records', many(good('many'), 2_000), null, 2_000),
    whole('more records than are taken', good('more', Array(20_001).fill(0)), 'records must have at most 20000 items'),
    whole('a hundred thousand of nothing', `[${'{},'.repeat(100_000)}0]`, 'not a JSON object'),
    whole('greater than a manifest may be', many(good('great'), 36_000), 'greater than 4000000 bytes', 36_000),
    whole('greater than graph-node takes', `{"later":"${'x'.repeat(27_000_000)}"}`, undefined),
    served('missing', undefined),
    served('hanging', undefined),
    served('cut', undefined),
    served('slow', null),
    served('late', null),
    served('failing', null),
  ]
}

/** What anybody would write. */
export function goodInputs(datanetId: string, contributor: string): Input[] {
  const attribution = { name: 'Carol' }
  const manifest = { ...{ kind: 'openledger/contribution@1', datanetId, contributor, licence: 'MIT' }, attribution }
  const bytes = bytesOf({ ...manifest, records: [record('after all that')] })
  return [{ name: 'a good one after all that', bytes, manner: 'whole', stated: 1, fault: null }]
}

type Content = Uint8Array | string | object

function bytesOf(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content
  return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content))
}

function record(name: string): { cid: string; sizeBytes: number; mediaType: string; title: string } {
  return { cid: cidOf(new TextEncoder().encode(name)), sizeBytes: 1, mediaType: 'text/plain', title: name }
}

/** The manifest with `count` records. Their CIDs are written in, for hashing that many would take its time. */
function many(manifest: object, count: number): string {
  const [head, tail] = JSON.stringify({ ...manifest, records: ['~'] }).split('"~"') as [string, string]
  const one = JSON.stringify(record('many'))
  const records = Array.from({ length: count }, (_, i) => one.replace('"title":"many"', `"title":"notes/${i}.md"`))
  return `${head}${records.join(',')}${tail}`
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

function replaced(bytes: Uint8Array, from: string, to: number[]): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from)
  return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(to), bytes.subarray(at + from.length)])
}

/** Bytes that look random and are always the same: a linear congruential generator's high ones. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

/** What stands in place of the receipts of a batch that states one receipt, number `sequence`, of `node`. */
export function hostileReceipts(node: string): ((sequence: number) => Omit<Input, 'stated'>)[] {
  const good = (sequence: number) => ({
    ...{ kind: 'openledger/receipts@1', node, firstSequence: String(sequence) },
    receipts: [{ receipt: receiptOf(node, sequence), receiptHash: word(`${sequence}`), signature: '0x01' }],
  })
  const json = (sequence: number) => JSON.stringify(good(sequence))
  const inputs: [name: string, content: (sequence: number) => Content, fault: Input['fault'], manner?: Manner][] = [
    ['half of the receipts', (i) => json(i).slice(0, 200), NO_JSON],
    ['receipts in gzip', (i) => gzipSync(json(i)), NO_JSON],
    ['receipts in Latin-1', (i) => replaced(bytesOf(`${json(i)} `), ' ', [0xe9]), NO_JSON],
    [
      'receipts of another node',
      (i) => json(i).replaceAll(node, `0x${'11'.repeat(20)}`),
      'node is not who anchored the batch',
    ],
    ['receipts that were anchored before', () => good(0), 'firstSequence is not the batch’s'],
    [
      'a receipt twice',
      (i) => ({ ...good(i), receipts: [...good(i).receipts, ...good(i).receipts] }),
      'receipts are not as many as anchored',
    ],
    [
      'a price of 100,000 digits',
      (i) => json(i).replace('"priceWei":"1"', `"priceWei":"${'7'.repeat(100_000)}"`),
      'receipts.0.receipt.priceWei must be a decimal string below 2^128',
    ],
    ['missing receipts', (i) => ({ ...good(i), missing: true }), undefined, 'missing'],
    ['slow receipts', (i) => ({ ...good(i), slow: true }), null, 'slow'],
    ['good receipts', good, null],
  ]
  return inputs.map(([name, content, fault, manner = 'whole']) => (sequence) => ({
    ...{ name, manner, fault, bytes: bytesOf(content(sequence)) },
  }))
}

function receiptOf(node: string, sequence: number): Record<string, string> {
  const hash = word('hash')
  return {
    ...{ requestHash: hash, responseHash: hash, baseModelId: hash, modelId: hash, engineHash: hash },
    ...{ previousReceipt: hash, promptTokens: '1', completionTokens: '1', priceWei: '1', payer: node, node },
    ...{ sequence: String(sequence), timestampMs: '1' },
  }
}

/** Asks the index what became of the inputs, in their order. @returns by name; undefined for what it could not get */
export function verdicts(
  inputs: readonly { name: string }[],
  manifests: readonly ({ fault: string | null } | null)[],
): Record<string, string | null | undefined> {
  return Object.fromEntries(inputs.map(({ name }, i) => [name, manifests[i] == null ? undefined : manifests[i].fault]))
}

/** What must become of them before the slow and late ones are released, or after. */
export function expected(inputs: readonly Omit<Input, 'stated'>[], released: boolean): ReturnType<typeof verdicts> {
  const isThere = (manner: Manner) => released || !['slow', 'late', 'failing'].includes(manner)
  return Object.fromEntries(inputs.map(({ name, fault, manner }) => [name, isThere(manner) ? fault : undefined]))
}
