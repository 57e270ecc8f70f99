import { cpus } from 'node:os'

/** What results say of the machine they were measured on: its kind, never its name. */
export function machineKind(): string {
  return `${cpus().length} cores, ${/xeon/i.test(cpus()[0]!.model) ? 'Xeon class' : 'other'}`
}
