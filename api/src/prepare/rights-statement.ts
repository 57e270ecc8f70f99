/** What a contributor states, word for word as LineageRegistry has it; a test asks the contract. */
export const RIGHTS_STATEMENT =
  'I may give these records under the licence named here, and I do. They may be trained on, attributed and paid for.'
