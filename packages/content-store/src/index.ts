export { type ContentStore, DEFAULT_MAX_BYTES, type FileContentStore, hashContent } from './content-store.ts'
export { DiskContentStore } from './disk-content-store.ts'
export { HttpContentStore } from './http-content-store.ts'
export { startContentServer } from './server.ts'
