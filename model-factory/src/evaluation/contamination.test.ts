import { expect, it } from 'vitest'
import { findContamination } from './contamination.ts'

const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `w${from + i}`).join(' ')

it('finds held-out texts that share thirteen words in a row with what was trained on, whatever their case and punctuation', () => {
  const training = [`before ${words(0, 13).toUpperCase().replaceAll(' ', ', ')} after`]
  const heldOut = [
    `other ${words(0, 13)} end`,
    `other ${words(0, 12)} end and more words so that it is long enough for one`,
  ]
  expect(findContamination(training, heldOut)).toEqual({ n: 13, heldOut: 2, contaminated: 1, places: [0] })
})

it('asks for a shorter text whole', () => {
  expect(findContamination(['one two three four'], ['two three', 'three two', '!']).places).toEqual([0])
})
