import { accessSync, constants } from 'node:fs'
import { expect, test } from 'vitest'
import { anvilProgram, ascProgram, gndProgram, postgresPrograms } from './native-programs.ts'

test('every program that npm installs is found and can be run', () => {
  const { postgres, initdb } = postgresPrograms()
  for (const file of [anvilProgram(), gndProgram(), postgres, initdb]) accessSync(file, constants.X_OK)
  accessSync(ascProgram(), constants.R_OK)
})

test.each(['darwin-arm64', 'win32-x64', 'linux-arm64'])(
  '%s has no graph-node from npm: containers are the way',
  (platform) => {
    expect(() => gndProgram(platform)).toThrow(
      expect.objectContaining({ code: 'platform.unsupported', nextStep: expect.stringContaining('docker compose up') }),
    )
  },
)
