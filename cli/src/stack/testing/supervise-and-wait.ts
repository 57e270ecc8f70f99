// A supervisor of two processes, to be killed by a test: one ends when asked, one has to be killed.
// Prints their pids as JSON.
import { Supervisor } from '../supervisor.ts'

const supervisor = await Supervisor.start(process.argv[2]!, { add: () => undefined, remove: () => undefined })
const how = { stopSignal: 'SIGTERM', graceMs: 300, endsWith: 0, channel: false } as const
const wait = 'setInterval(() => {}, 1000)'
const polite = await supervisor.run({ name: 'polite', command: process.execPath, parameters: ['-e', wait], ...how })
const stubborn = await supervisor.run({
  name: 'stubborn',
  command: process.execPath,
  parameters: ['-e', `process.on('SIGTERM', () => {}); console.log('deaf'); ${wait}`],
  ...how,
})
while (!stubborn.said().includes('deaf')) await new Promise((done) => setTimeout(done, 20))
process.stdout.write(`${JSON.stringify([polite.pid, stubborn.pid])}\n`)
