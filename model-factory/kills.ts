/** `npm run nightly:training -- --kills 20`: killed at random moments, a training comes out with the bytes of an unbroken one. */
import { parseArgs } from 'node:util'
import { trainWithKills } from './src/testing/killed-training.ts'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const { kills, steps, unbroken, killed } = await trainWithKills(Number(values.kills), seed)
const same = unbroken.filter((cid, i) => killed[i] === cid).length
process.stdout.write(`${JSON.stringify({ kills, seed, steps, files: unbroken.length, same })}\n`)
process.exitCode = same === unbroken.length && killed.length === unbroken.length ? 0 : 1
