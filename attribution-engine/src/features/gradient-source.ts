import { OpenLedgerError } from '@openledger/protocol'

/** Tokens with what is to be predicted at each place. All three have the same length. */
export type Sequence = {
  inputs: readonly number[]
  targets: readonly number[]
  /** Weight of each place's loss; 0 leaves it out. */
  weights: readonly number[]
}

/** Where gradients come from: a language model under its LoRA checkpoints, or a closed form in tests. */
export interface GradientSource {
  /** Length of a gradient. */
  readonly parameters: number
  /**
   * Gradient of each sequence's weighted loss with respect to the parameters of the checkpoint with this CID.
   * @returns [sequences, parameters]
   */
  gradients(checkpoint: string, sequences: readonly Sequence[]): Promise<Float32Array>
  /** The sequences with targets drawn from the model's own distribution at each place; equal seeds draw equal ones. */
  sampleTargets(checkpoint: string, sequences: readonly Sequence[], seed: number): Promise<Sequence[]>
}

/**
 * A record as it is trained on: every token after the first is predicted.
 * The weight 1/sqrt(length) keeps long records from drowning short ones, as a sum would, and from vanishing, as a mean would.
 * @throws influence.sequence_too_short below two tokens
 */
export function recordSequence(tokenIds: readonly number[]): Sequence {
  return answerSequence(tokenIds.slice(0, 1), tokenIds.slice(1))
}

/**
 * An answer given its prompt: only the answer's own tokens are predicted.
 * @throws influence.sequence_too_short when either is empty
 */
export function answerSequence(prompt: readonly number[], answer: readonly number[]): Sequence {
  if (prompt.length === 0 || answer.length === 0) {
    throw new OpenLedgerError(
      'influence.sequence_too_short',
      'There is no token to predict, or none to predict it from.',
      {
        facts: { promptTokens: prompt.length, answerTokens: answer.length },
        nextStep: 'Leave records of fewer than two tokens and answers without tokens out.',
      },
    )
  }
  const tokens = [...prompt, ...answer]
  const weight = 1 / Math.sqrt(answer.length)
  return {
    inputs: tokens.slice(0, -1),
    targets: tokens.slice(1),
    weights: tokens.slice(1).map((_, place) => (place + 1 >= prompt.length ? weight : 0)),
  }
}

/** @throws influence.not_finite names the first row that has an infinite or undefined coordinate */
export function refuseNotFinite(gradients: Float32Array, parameters: number, what: string): void {
  // A sum is not finite when a term is not; coordinates of both signs of infinity give NaN, so nothing cancels.
  for (let start = 0; start < gradients.length; start += parameters) {
    let sum = 0
    for (let i = start; i < start + parameters; i++) sum += gradients[i]!
    if (!Number.isFinite(sum)) {
      throw new OpenLedgerError('influence.not_finite', 'A gradient has an infinite or undefined coordinate.', {
        facts: { what, row: start / parameters },
        nextStep: 'Check the checkpoint: training may have diverged. Train again with a lower learning rate.',
      })
    }
  }
}
