import { TrainingError } from '../../error.ts'

/** A record whose content is not what it says; it can be left out, and the others trained on. */
export function recordInvalid(
  what: 'image' | 'audio' | 'row',
  why: string,
  facts: Record<string, string | number>,
  cause?: unknown,
): TrainingError {
  return new TrainingError('training.record_invalid', `This ${what} cannot be read: ${why}.`, {
    facts,
    nextStep: 'Leave the record out, or contribute it again as a plain file.',
    cause,
  })
}
