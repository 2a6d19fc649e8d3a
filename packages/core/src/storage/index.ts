// The port, and what its drivers read and write.

// The driver that runs everywhere.
export { createMemoryRecordStore, type MemoryRecordStoreOptions } from './memory/memory-record-store.js';
export type {
  Aggregate,
  AggregateQuery,
  AggregateRow,
  CollectionDefinition,
  ColumnType,
  MigrationStep,
  RecordCollection,
  RecordFilter,
  RecordPage,
  RecordQuery,
  RecordStore,
  Scalar,
} from './record-store.js';
export type { StorageErrorListener } from './storage-error.js';
