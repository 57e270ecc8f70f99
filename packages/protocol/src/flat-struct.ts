import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { recoverAddress, type Signer, type TypedDataDomain, TypedDataEncoder, type TypedDataField } from 'ethers'
import { OpenLedgerError } from './error.ts'

type Value = string | number | bigint

/**
 * A struct of EIP-712 whose members are all of one word: bytes32, address, uintN. Receipts and vouchers are hashed once an answer,
 * and a general encoder costs more than the signature does: here the type's hash is taken once, a domain's too.
 *
 *   hash = keccak256(0x1901 ‖ domainSeparator ‖ keccak256(typeHash ‖ members, 32 bytes each))
 *
 * @see https://eips.ethereum.org/EIPS/eip-712
 */
export class FlatStruct {
  readonly types: Record<string, TypedDataField[]>
  readonly #name: string
  readonly #fields: readonly TypedDataField[]
  readonly #typeHash: Uint8Array // [32]
  readonly #separators = new Map<string, Uint8Array>()

  constructor(name: string, fields: readonly TypedDataField[]) {
    for (const { type } of fields) {
      if (!/^(bytes32|address|uint(8|16|32|64|96|128|160|256))$/.test(type))
        throw new Error(`${type} is not of one word`)
    }
    this.#name = name
    this.#fields = fields
    this.types = { [name]: [...fields] }
    const signature = `${name}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`
    this.#typeHash = keccak_256(utf8ToBytes(signature))
  }

  /** What is signed. @throws typed_data.malformed naming the member */
  hash(domain: TypedDataDomain, message: Readonly<Record<string, Value>>): `0x${string}` {
    const words = this.#fields.map(({ name, type }) => wordOf(this.#name, name, type, message[name]))
    const struct = keccak_256(concatBytes(this.#typeHash, ...words))
    return `0x${bytesToHex(keccak_256(concatBytes(PREFIX, this.#separatorOf(domain), struct)))}`
  }

  /** The signature of `eth_signTypedData_v4`. A key in this process signs the hash at once; whoever else is asked gets the types. */
  async sign(signer: Signer, domain: TypedDataDomain, message: Readonly<Record<string, Value>>): Promise<string> {
    const { signingKey } = signer as { signingKey?: { sign(digest: string): { serialized: string } } }
    if (signingKey === undefined) return signer.signTypedData(domain, this.types, message)
    return signingKey.sign(this.hash(domain, message)).serialized
  }

  /** Whose key signed, in lower case. @throws what ethers throws for a signature that is none, or not the canonical one */
  signer(domain: TypedDataDomain, message: Readonly<Record<string, Value>>, signature: string): string {
    return recoverAddress(this.hash(domain, message), signature).toLowerCase()
  }

  #separatorOf(domain: TypedDataDomain): Uint8Array {
    const key = `${domain.chainId} ${domain.verifyingContract} ${domain.name} ${domain.version} ${domain.salt}`
    const known = this.#separators.get(key)
    if (known !== undefined) return known
    const separator = hexToBytes(TypedDataEncoder.hashDomain(domain).slice(2))
    // A process speaks of a handful of domains; whoever sends thousands must not fill its memory.
    if (this.#separators.size >= 64) this.#separators.clear()
    this.#separators.set(key, separator)
    return separator
  }
}

const PREFIX = Uint8Array.of(0x19, 0x01)

/** A member as 32 bytes, numbers big-endian. */
function wordOf(struct: string, name: string, type: string, value: Value | undefined): Uint8Array {
  if (type.startsWith('uint')) {
    const number = integerOf(value)
    if (number !== null && number >= 0n && number < 1n << BigInt(type.slice(4)))
      return hexToBytes(number.toString(16).padStart(64, '0'))
  } else {
    const digits = type === 'address' ? 40 : 64
    if (typeof value === 'string' && value.length === digits + 2 && /^0x[0-9a-fA-F]+$/.test(value))
      return hexToBytes(value.slice(2).padStart(64, '0'))
  }
  throw new OpenLedgerError('typed_data.malformed', 'A member of what is to be signed does not fit its type.', {
    facts: { struct, member: name, type, value: String(value).slice(0, 80) },
    nextStep: 'Give 0x and all hex digits for bytes32 and addresses, and numbers within their bits.',
  })
}

function integerOf(value: Value | undefined): bigint | null {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null
  return value !== undefined && /^(0|[1-9][0-9]{0,77})$/.test(value) ? BigInt(value) : null
}
