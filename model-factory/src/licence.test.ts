import { expect, it } from 'vitest'
import { LICENCE_COMMERCIAL, LICENCE_DERIVATIVES, LICENCE_RECIPROCAL, requireLicences } from './licence.ts'

const D = LICENCE_DERIVATIVES
const C = LICENCE_COMMERCIAL
const R = LICENCE_RECIPROCAL
const parent = (licenceFlags: number) => ({ id: `0x${'ab'.repeat(32)}` as const, licenceFlags })

it.each([
  [[D | C], D | C],
  [[D | C], D],
  [[D], D],
  [[D | R], D | R],
  [[D | C | R, D | C], D | C | R],
  [[], D],
])('parents with flags %j allow a model with flags %i', (parents, flags) => {
  expect(() => requireLicences(parents.map(parent), flags)).not.toThrow()
})

it.each([
  [[C], D, 'no derivatives'],
  [[D | C, 0], D, 'no derivatives'],
  [[D], D | C, 'no commercial use'],
  [[D | C | R], D | C, 'its own terms'],
  [[D | R, D | C | R], D | R, 'its own terms'],
])('parents with flags %j forbid a model with flags %i: %s', (parents, flags, reason) => {
  expect(() => requireLicences(parents.map(parent), flags)).toThrow(
    expect.objectContaining({ code: 'training.licence_incompatible', message: expect.stringContaining(reason) }),
  )
})
