/** The contract's rules for deriving a model, checked before anything is spent on training. */
import { TrainingError } from './error.ts'

export const LICENCE_DERIVATIVES = 1
export const LICENCE_COMMERCIAL = 2
export const LICENCE_RECIPROCAL = 4

export type Licensed = { id: `0x${string}`; licenceFlags: number }

/**
 * A parent must allow derivatives; a commercial model needs every parent's leave; a reciprocal parent asks for its own flags.
 *
 * @param licenceFlags of the model that is to be made
 * @throws {TrainingError} `training.licence_incompatible` with the first parent that forbids it
 */
export function requireLicences(parents: readonly Licensed[], licenceFlags: number): void {
  for (const parent of parents) {
    const reason = forbids(parent.licenceFlags, licenceFlags)
    if (reason === undefined) continue
    throw new TrainingError('training.licence_incompatible', `A licence forbids this model: ${reason}.`, {
      facts: { parent: parent.id, parentFlags: parent.licenceFlags, modelFlags: licenceFlags },
      nextStep: 'Leave that Datanet or base out, or give the model flags that its licence allows.',
    })
  }
}

function forbids(parentFlags: number, flags: number): string | undefined {
  if ((parentFlags & LICENCE_DERIVATIVES) === 0) return 'a parent allows no derivatives'
  if ((flags & LICENCE_COMMERCIAL) !== 0 && (parentFlags & LICENCE_COMMERCIAL) === 0) {
    return 'a parent allows no commercial use'
  }
  if ((parentFlags & LICENCE_RECIPROCAL) !== 0 && flags !== parentFlags) return 'a parent asks for its own terms'
  return undefined
}
