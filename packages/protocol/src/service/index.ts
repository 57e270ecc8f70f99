export * from './deployment-file.ts'
export * from './log.ts'
export * from './run-service.ts'
export * from './settings.ts'
