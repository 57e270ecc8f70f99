/** For tests: reads a GGUF file of version 3 whose tensors are F32, as its specification says and without our writer. */
export type GgufFile = {
  metadata: Map<string, unknown>
  tensors: Map<string, { shape: number[]; values: Float32Array }>
}

export function readGguf(file: Uint8Array): GgufFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = 0
  /** Where something of so many bytes begins, which is then read. */
  const take = (bytes: number) => {
    at += bytes
    return at - bytes
  }
  const uint32 = () => view.getUint32(take(4), true)
  const uint64 = () => Number(view.getBigUint64(take(8), true))
  const string = () => {
    const length = uint64()
    const start = take(length)
    return new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(start, at))
  }
  const value = (type: number): unknown => {
    if (type === 4 || type === 5) return uint32()
    if (type === 6) return view.getFloat32(take(4), true)
    if (type === 8) return string()
    if (type !== 9) throw new Error(`no value type ${type}`)
    const [of, length] = [uint32(), uint64()]
    return Array.from({ length }, () => value(of))
  }
  if (new TextDecoder().decode(file.subarray(0, 4)) !== 'GGUF') throw new Error('no GGUF')
  at = 4
  if (uint32() !== 3) throw new Error('another version')
  const [tensorCount, metadataCount] = [uint64(), uint64()]
  const metadata = new Map<string, unknown>()
  for (let i = 0; i < metadataCount; i++) metadata.set(string(), value(uint32()))
  const entries = Array.from({ length: tensorCount }, () => {
    const name = string()
    const shape = Array.from({ length: uint32() }, uint64).toReversed()
    if (uint32() !== 0) throw new Error('not F32')
    return { name, shape, offset: uint64() }
  })
  const start = Math.ceil(at / 32) * 32
  const tensors = entries.map(({ name, shape, offset }) => {
    const length = shape.reduce((product, dim) => product * dim, 4)
    if (offset % 32 !== 0 || start + offset + length > file.length) throw new Error(`${name} does not lie in the file`)
    const bytes = file.slice(start + offset, start + offset + length)
    return [name, { shape, values: new Float32Array(bytes.buffer) }] as const
  })
  return { metadata, tensors: new Map(tensors) }
}
