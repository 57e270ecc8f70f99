export { Analysis, type Table, type TableColumn } from './analysis.ts'
export { ENGINE_TABLES, type EngineTable } from './engine-tables.ts'
export { type AnalyticView, readViews } from './view-catalog.ts'
