/** An operation that the api knows by its hash, with the types of what it takes and gives. */
export type Operation<Variables, Data> = {
  name: string
  /** sha2-256 of its text, hex: all that is sent. */
  hash: string
  readonly types?: (variables: Variables) => Data
}
