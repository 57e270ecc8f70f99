import { GraphQLScalarType, Kind } from 'graphql'

/** Hex of a fixed length, in lower case: one spelling, so that equal values are equal strings. */
function hexScalar(name: string, bytes: number): GraphQLScalarType {
  const pattern = new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`)
  const check = (value: unknown): string => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new TypeError(`${name} must be 0x and ${bytes * 2} lower-case hex digits.`)
  }
  return new GraphQLScalarType({
    name,
    serialize: check,
    parseValue: check,
    parseLiteral: (node) => check(node.kind === Kind.STRING ? node.value : undefined),
  })
}

const BigIntScalar = new GraphQLScalarType({
  name: 'BigInt',
  serialize: (value) => BigInt(value as string | number | bigint).toString(),
})

export const scalars = { Bytes32: hexScalar('Bytes32', 32), Address: hexScalar('Address', 20), BigInt: BigIntScalar }
