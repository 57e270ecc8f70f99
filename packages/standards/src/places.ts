import type { Places } from './facts.ts'

/** Addresses of things, as documents name them. */
export const contentUrl = ({ api }: Places, cid: string) => `${api}/ipfs/${cid}`
export const datanetUrl = ({ api }: Places, id: string) => `${api}/datanets/${id}`
export const modelUrl = ({ api }: Places, id: string) => `${api}/models/${id}`
export const answerUrl = ({ api }: Places, receiptHash: string) => `${api}/answers/${receiptHash}`

/** A file of a Datanet as of a block: the same bytes for ever. */
export const datanetFile = ({ api, block }: Places, id: string, file: string) =>
  `${api}/exports/datanets/${id}/${file}?block=${block}`

/** An account of a chain by CAIP-10, as a DID that any resolver of did:pkh knows. */
export const accountUri = ({ chainId }: Places, account: string) => `did:pkh:eip155:${chainId}:${account}`
