/**
 * What all methods of attribution have in common: costly work on the training records once, in `cache()`, then any number
 * of targets, in `attribute()`.
 */

/** [targets, records], row-major. Positive: the record lowered the target's loss, so without it the loss would be higher. */
export type Scores = Float64Array

export type InfluenceMethod<Training, Targets> = {
  name: string
  cache(training: Training): Promise<Attributor<Targets>>
}

export type Attributor<Targets> = { attribute(targets: Targets): Promise<Scores> }

/** Gradients of losses, one a row. */
export type Gradients = {
  /** [rows, parameters] */
  values: Float32Array
  parameters: number
}
