import type { z } from 'zod'
import { OpenLedgerError } from '../error.ts'

/**
 * Reads a service's settings from the environment, once.
 * @param schema an object whose keys are the variables' names, each with its description
 * @throws settings.invalid naming every variable at fault
 */
export function readSettings<T extends z.ZodType>(schema: T, environment: NodeJS.ProcessEnv = process.env): z.infer<T> {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new OpenLedgerError('settings.invalid', 'Some settings are missing or wrong.', {
    facts: { faults: faults.join('; ') },
    nextStep: 'Set the named environment variables; .env.example lists them all.',
  })
}
