/**
 * Reverse-mode differentiation while a graph is being built: each operator records how it passes a gradient back, and
 * `gradients` appends those operators to the same graph. ONNX Runtime then runs forward and backward in one call.
 *
 * @see Griewank & Walther, "Evaluating Derivatives", chapter 3
 */
import { type Dim, GraphBuilder, type ValueName } from '../onnx/graph.ts'

/** A float value of the graph. A size by name ('B', 'T') is decided at each run. */
export type Variable = {
  name: ValueName
  shape: readonly Dim[]
  /** Whether something that is differentiated by lies before it. */
  needsGradient: boolean
}

/** From the gradient by the output to the gradients by the parents; undefined for a parent that needs none. */
export type Backward = (gradient: Variable) => (Variable | undefined)[]

type Step = { output: Variable; parents: readonly Variable[]; backward: Backward }

export class Tape {
  readonly graph = new GraphBuilder()
  readonly #steps: Step[] = []
  readonly #constants = new Map<string, Variable>()

  /** A float input of the graph. */
  input(name: string, shape: readonly Dim[]): Variable {
    return { name: this.graph.input(name, 'float32', shape), shape, needsGradient: false }
  }

  /** A large constant that is not differentiated by; the same name is stored once. */
  weights(name: string, shape: readonly number[], values: () => Float32Array): Variable {
    const known = this.#constants.get(name)
    if (known !== undefined) return known
    const variable = { name: this.graph.weights(name, shape, values()), shape, needsGradient: false }
    this.#constants.set(name, variable)
    return variable
  }

  /**
   * A matrix `[out, in]` held as bytes and one scale for each row, and unpacked in each run: a quarter of the memory.
   * Rounded to the nearest of 255 steps, which are symmetric about 0.
   *
   * @see Dettmers et al. 2023, "QLoRA", arXiv:2305.14314, section 2: there with 4 bits and blocks in place of rows
   */
  quantisedWeights(name: string, shape: readonly [number, number], values: () => Float32Array): Variable {
    const known = this.#constants.get(name)
    if (known !== undefined) return known
    const { bytes, scales } = quantiseRows(values(), shape[0])
    const inputs = [this.graph.weights(name, shape, bytes), this.graph.weights(`${name}.scale`, [shape[0]], scales)]
    const variable = { name: this.graph.op('DequantizeLinear', inputs, { axis: 0 }), shape, needsGradient: false }
    this.#constants.set(name, variable)
    return variable
  }

  scalar(value: number): Variable {
    return { name: this.graph.constant('float32', [], [value]), shape: [], needsGradient: false }
  }

  /** Names a value that no operator on the tape made, and that is not differentiated through. */
  value(name: ValueName, shape: readonly Dim[]): Variable {
    return { name, shape, needsGradient: false }
  }

  /** A value to differentiate by. */
  parameter(name: ValueName, shape: readonly Dim[]): Variable {
    return { name, shape, needsGradient: true }
  }

  /** Records an operator's output together with its rule for gradients. */
  record(name: ValueName, shape: readonly Dim[], parents: readonly Variable[], backward: Backward): Variable {
    const needsGradient = parents.some((parent) => parent.needsGradient)
    const output = { name, shape, needsGradient }
    if (needsGradient) this.#steps.push({ output, parents, backward })
    return output
  }

  /**
   * Appends the gradients of `Σ seed · output` by each of `parameters`.
   *
   * @param seed of the shape of `output`
   * @returns one variable per parameter, of its shape
   */
  gradients(output: Variable, seed: Variable, parameters: readonly Variable[]): Variable[] {
    const gradientOf = new Map<Variable, Variable>([[output, seed]])
    // Backward rules use the same operators and may record; only what led to the output is walked.
    for (const step of this.#steps.slice().reverse()) {
      const gradient = gradientOf.get(step.output)
      if (gradient === undefined) continue
      const passed = step.backward(gradient)
      step.parents.forEach((parent, i) => {
        const part = passed[i]
        if (!parent.needsGradient || part === undefined) return
        const sum = gradientOf.get(parent)
        gradientOf.set(parent, sum === undefined ? part : this.#sum(sum, part))
      })
      gradientOf.delete(step.output)
    }
    return parameters.map((parameter) => {
      const gradient = gradientOf.get(parameter)
      if (gradient === undefined) throw new Error(`no path leads from the output to ${parameter.name}`)
      return gradient
    })
  }

  #sum(a: Variable, b: Variable): Variable {
    return this.value(this.graph.op('Add', [a.name, b.name]), a.shape)
  }
}

function quantiseRows(values: Float32Array, rows: number): { bytes: Int8Array; scales: Float32Array } {
  const width = values.length / rows
  const bytes = new Int8Array(values.length)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const of = values.subarray(row * width, (row + 1) * width)
    const scale = of.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) / 127
    scales[row] = scale === 0 ? 1 : scale
    for (let i = 0; i < width; i++) bytes[row * width + i] = Math.round(of[i]! / scales[row]!)
  }
  return { bytes, scales }
}
