import { Command } from 'commander'
import { answerCommand } from './commands/answer/index.ts'
import { askCommand } from './commands/ask.ts'
import { balanceCommand } from './commands/balance/index.ts'
import { completionCommand } from './commands/completion.ts'
import { datanetCommand } from './commands/datanet/index.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { downCommand } from './commands/down.ts'
import { govCommand } from './commands/gov/index.ts'
import { mcpCommand } from './commands/mcp.ts'
import { modelCommand } from './commands/model/index.ts'
import { nodeCommand } from './commands/node/index.ts'
import { rewardsCommand } from './commands/rewards/index.ts'
import { sqlCommand } from './commands/sql.ts'
import { stakeCommand } from './commands/stake/index.ts'
import { statusCommand } from './commands/status.ts'
import { trainCommand } from './commands/train/index.ts'
import { upCommand } from './commands/up.ts'
import { verifyCommand } from './commands/verify.ts'

export const EXIT_CODES = {
  0: 'done',
  1: 'it could not be done, or a check did not hold',
  2: 'wrong use',
  130: 'interrupted',
} as const

/** The whole command line, not yet run. */
export function createProgram(): Command {
  const program = new Command('openledger')
    .description('OpenLedger: data is contributed, trained on, served, traced and paid for, and anybody can check it.')
    .addHelpText('after', `\nExit codes: ${describeExitCodes()}.`)
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  const machine = [upCommand(), downCommand(), statusCommand(), doctorCommand(), demoCommand()]
  const data = [datanetCommand(), trainCommand(), modelCommand()]
  const answers = [askCommand(), answerCommand(), verifyCommand(), sqlCommand()]
  const money = [balanceCommand(), rewardsCommand(), stakeCommand(), govCommand()]
  const others = [nodeCommand(), mcpCommand(), completionCommand(createProgram)]
  for (const command of [...machine, ...data, ...answers, ...money, ...others]) {
    program.addCommand(inherit(command, program))
  }
  return program
}

function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from)
  for (const verb of command.commands) inherit(verb, command)
  return command
}

function describeExitCodes(): string {
  return Object.entries(EXIT_CODES)
    .map(([code, meaning]) => `${code} ${meaning}`)
    .join('; ')
}
