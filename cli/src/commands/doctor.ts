import { accessSync, constants, existsSync } from 'node:fs'
import { OpenLedgerError } from '@openledger/protocol'
import { Command } from 'commander'
import type { SettingName, Settings } from '../settings.ts'
import { anvilProgram, ascProgram, gndProgram, postgresPrograms } from '../stack/native-programs.ts'
import { claimPorts } from '../stack/ports.ts'
import { holderOf, requireSpace, statePaths } from '../stack/state-directory.ts'
import { unprivileged } from '../stack/unprivileged.ts'
import { settingsOf, withSettings } from './setting-flags.ts'

type Finding = { check: string; ok: boolean; detail: string; nextStep?: string }

/** `openledger doctor`: what this machine lacks. Exit code 0 when nothing. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('say what is missing on this machine, and what to do about it')
    .option('--json', 'print the findings as one JSON object on stdout')
    .action(async (flags: Partial<Record<SettingName, string>> & { json?: boolean }) => {
      const findings = await examine(await settingsOf(flags))
      if (flags.json) process.stdout.write(`${JSON.stringify({ ok: findings.every(({ ok }) => ok), findings })}\n`)
      else process.stdout.write(findings.map(line).join(''))
      process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1
    })
  return withSettings(command)
}

/** Looks at everything that a start needs; changes nothing. */
export async function examine(settings: Settings): Promise<Finding[]> {
  const state = statePaths(settings.state)
  const holder = holderOf(state.lock)
  const there = [settings.state, process.cwd()].find((directory) => existsSync(directory))!
  return [
    { check: 'Node', ok: true, detail: process.version }, // an older one does not get as far as here
    await look('anvil (chain)', () => executable(anvilProgram())),
    await look('graph-node (index)', () => executable(gndProgram())),
    await look('Postgres (database)', () => executable(postgresPrograms().postgres)),
    await look('Postgres without root', () => {
      if (existsSync(state.database)) unprivileged(postgresPrograms().packageDirectory, state.database)
      return process.getuid?.() === 0 ? 'as nobody' : 'as you'
    }),
    await look('AssemblyScript (subgraph)', () => ascProgram()),
    await look('Space on the disk', () => {
      requireSpace(there)
      return there
    }),
    holder === undefined
      ? await look('Ports', async () => Object.values(await claimPorts(settings)).join(' '))
      : { check: 'Ports', ok: true, detail: `in use by the stack that runs (pid ${holder.pid})` },
  ]
}

async function look(check: string, task: () => string | Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await task() }
  } catch (error) {
    if (error instanceof OpenLedgerError) return { check, ok: false, detail: error.message, nextStep: error.nextStep }
    return { check, ok: false, detail: String(error), nextStep: 'Run `npm install` again.' }
  }
}

function executable(file: string): string {
  accessSync(file, constants.X_OK)
  return file
}

function line({ check, ok, detail, nextStep }: Finding): string {
  const next = nextStep === undefined ? '' : `    Next: ${nextStep}\n`
  return `${ok ? '✓' : '✗'} ${check.padEnd(26)} ${detail}\n${next}`
}
