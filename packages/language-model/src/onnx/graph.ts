/**
 * Builds ONNX models in memory: operators are appended one by one, values are names.
 *
 * @see https://onnx.ai/onnx/operators/ and, for the domain com.microsoft,
 *   https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import onnxProto from 'onnx-proto'

const { onnx } = onnxProto

/** TensorProto.DataType of the element types in use. */
const ELEMENT_TYPE = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof ELEMENT_TYPE

/** A size that is known now, or the name of one that each run decides. */
export type Dim = number | string

/** What an ONNX value is called within its graph. */
export type ValueName = string

/** A float attribute is marked, for a JavaScript number does not tell 1.0 from 1. */
export type Attribute = number | readonly number[] | string | { float: number }

const OPSET = 20
const IR_VERSION = 9

export class GraphBuilder {
  readonly #nodes: object[] = []
  readonly #initializers: object[] = []
  readonly #inputs: object[] = []
  readonly #outputs: object[] = []
  readonly #constants = new Map<string, ValueName>()
  #values = 0

  input(name: ValueName, type: ElementType, dims: readonly Dim[]): ValueName {
    this.#inputs.push(valueInfo(name, type, dims))
    return name
  }

  /** Makes `value` an output of the graph under the name `name`. */
  output(name: ValueName, value: ValueName, type: ElementType, dims: readonly Dim[]): void {
    this.#nodes.push({ opType: 'Identity', input: [value], output: [name], name })
    this.#outputs.push(valueInfo(name, type, dims))
  }

  /** A large constant; `values` is row-major and is not copied. */
  weights(name: ValueName, dims: readonly number[], values: Float32Array | Int8Array): ValueName {
    const type = values instanceof Int8Array ? 'int8' : 'float32'
    this.#initializers.push(tensor(name, type, dims, values))
    return name
  }

  /** A small constant; equal ones are stored once. */
  constant(type: ElementType, dims: readonly number[], values: readonly number[]): ValueName {
    const key = `${type}[${dims}]${values}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = this.#fresh('constant')
    this.#initializers.push(tensor(name, type, dims, elements(type, values)))
    this.#constants.set(key, name)
    return name
  }

  /** Appends an operator with one output. */
  op(opType: string, inputs: readonly ValueName[], attributes: Record<string, Attribute> = {}, domain = ''): ValueName {
    return this.ops(opType, 1, inputs, attributes, domain)[0]!
  }

  /** Appends an operator of ONNX Runtime's own domain with one output. */
  fusedOp(opType: string, inputs: readonly ValueName[], attributes: Record<string, Attribute> = {}): ValueName {
    return this.op(opType, inputs, attributes, 'com.microsoft')
  }

  /** Appends an operator with `count` outputs. */
  ops(
    opType: string,
    count: number,
    inputs: readonly ValueName[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): ValueName[] {
    const output = Array.from({ length: count }, () => this.#fresh(opType))
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value))
    this.#nodes.push({ opType, domain, input: inputs, output, attribute, name: `${output[0]}/op` })
    return output
  }

  /** The bytes of the model, as ONNX Runtime loads them. */
  build(): Uint8Array {
    const model = {
      irVersion: IR_VERSION,
      producerName: 'openledger',
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name: 'graph',
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    }
    return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish()
  }

  #fresh(prefix: string): ValueName {
    return `${prefix}_${this.#values++}`
  }
}

function valueInfo(name: ValueName, type: ElementType, dims: readonly Dim[]): object {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[type], shape: { dim } } } }
}

function tensor(name: string, type: ElementType, dims: readonly number[], values: ArrayBufferView): object {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { name, dataType: ELEMENT_TYPE[type], dims, rawData }
}

function elements(type: ElementType, values: readonly number[]): ArrayBufferView {
  switch (type) {
    case 'float32':
      return Float32Array.from(values)
    case 'int8':
      return Int8Array.from(values)
    case 'int32':
      return Int32Array.from(values)
    case 'int64':
      return BigInt64Array.from(values, BigInt)
    case 'bool':
      return Uint8Array.from(values)
  }
}

function attributeProto(name: string, value: Attribute): object {
  const { FLOAT, INT, INTS, STRING } = onnx.AttributeProto.AttributeType
  if (typeof value === 'number') return { name, type: INT, i: value }
  if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: FLOAT, f: value.float }
  return { name, type: INTS, ints: value }
}
