export * from './cluster-records.ts'
