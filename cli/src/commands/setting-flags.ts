import type { Command } from 'commander'
import { describeSetting, readSettings, SETTING_NAMES, type SettingName, type Settings } from '../settings.ts'

/** Gives a command a flag for every setting, described as the table describes it. */
export function withSettings(command: Command): Command {
  for (const name of SETTING_NAMES) {
    const { flag, variable, standard, sentence } = describeSetting(name)
    command.option(`${flag} <value>`, `${sentence} (${variable}, ${standard})`)
  }
  return command
}

/** The settings in force for a command that `withSettings` prepared. */
export function settingsOf(flags: Partial<Record<SettingName, string>>): Promise<Settings> {
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, flags[name]]).filter(([, value]) => value))
  return readSettings(given)
}
