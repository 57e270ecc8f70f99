import { expect, test } from 'vitest'
import { askEconomy } from './testing/small-economy.ts'

test('a cell of the influence heat map: the mean over all of a model’s answers, and how sure it is', async () => {
  const cell = (epoch: number, answer: string, canonical: string, contributor: string, ppm: number) => ({
    epoch,
    receipt_hash: answer,
    model: 'm',
    canonical,
    contributor,
    share_ppm: ppm,
  })
  const [rows] = await askEconomy(
    {
      epoch: [1, 2, 3].map((epoch) => ({ epoch, from_block: epoch * 10, to_block: epoch * 10 + 9, answers: 2 })),
      RewardRoot: [{ id: '0x03', epoch: 3, status: 'Rejected' }],
      influence: [
        cell(1, 'a1', 'x', 'ada', 300_000),
        cell(1, 'a1', 'y', 'ada', 300_000),
        cell(1, 'a1', 'z', 'bob', 400_000),
        cell(1, 'a2', 'x', 'ada', 1_000_000),
        cell(2, 'a3', 'z', 'bob', 1_000_000),
        cell(3, 'a4', 'z', 'bob', 1_000_000), // of a rejected epoch
      ],
    },
    'FROM influence_heat_map ORDER BY epoch, contributor',
  )
  expect(rows).toMatchObject([
    // .6 and 1: mean .8, standard error half their distance
    { epoch: 1, contributor: 'ada', answers: 2, shaped_answers: 2, clusters: 2, mean_ppm: 800_000 },
    { epoch: 1, contributor: 'bob', answers: 2, shaped_answers: 1, clusters: 1, mean_ppm: 200_000 },
    { epoch: 2, contributor: 'bob', answers: 1, mean_ppm: 1_000_000, standard_error_ppm: null },
  ])
  expect(rows!.slice(0, 2).map((row) => row.standard_error_ppm)).toEqual([200_000, 200_000])
})
