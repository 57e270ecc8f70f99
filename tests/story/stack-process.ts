/** A supervisor of its own, for tests that kill it: starts the stack on a state folder and says where everything is. */
import { readSettings } from '../../cli/src/settings.ts'
import { startStack } from '../../cli/src/stack/stack.ts'

const stack = await startStack({ settings: await readSettings({ state: process.argv[2]! }), ports: 'free' })
process.send!({ urls: stack.urls, pids: stack.processes.map(({ pid }) => pid) })
await stack.failure
