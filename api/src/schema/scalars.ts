import { type GraphQLScalarSerializer, GraphQLScalarType, Kind } from 'graphql'

/** A scalar that is a string of a given form, in and out: one spelling, so that equal values are equal strings. */
function stringScalar(name: string, pattern: RegExp, form: string, serialize?: GraphQLScalarSerializer<string>) {
  const check = (value: unknown): string => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw new TypeError(`${name} must be ${form}.`)
  }
  return new GraphQLScalarType({
    name,
    serialize: serialize ?? check,
    parseValue: check,
    parseLiteral: (node) => check(node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : undefined),
  })
}

/** Hex of a fixed length, in lower case. */
function hexScalar(name: string, bytes: number) {
  return stringScalar(name, new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`), `0x and ${bytes * 2} lower-case hex digits`)
}

const INTEGER = /^(0|-?[1-9][0-9]{0,77})$/

export const scalars = {
  Bytes32: hexScalar('Bytes32', 32),
  Address: hexScalar('Address', 20),
  Bytes: stringScalar('Bytes', /^0x(?:[0-9a-f]{2})*$/, '0x and lower-case hex digits, two a byte'),
  JSON: new GraphQLScalarType({ name: 'JSON' }),
  TypedData: new GraphQLScalarType({ name: 'TypedData' }),
  BigInt: stringScalar('BigInt', INTEGER, 'a decimal integer, as a string', (value) =>
    BigInt(value as string | number | bigint).toString(),
  ),
}
