// The ports, and what their drivers read and write.

export type {
  AddOptions,
  CounterLimit,
  CounterState,
  CounterStore,
  LeaseOptions,
  LeaseOutcome,
  LimitState,
  Reservation,
  StoreOperationOptions,
  SweepOptions,
} from './counter-store.js';
export { type LockOptions, releaseLock, takeLock } from './lock.js';
// The drivers that run everywhere.
export { createMemoryCounterStore, type MemoryCounterStoreOptions } from './memory/memory-counter-store.js';
export { createMemoryRecordStore, type MemoryRecordStoreOptions } from './memory/memory-record-store.js';
export { createMemoryValueStore, type MemoryValueStoreOptions } from './memory/memory-value-store.js';
export type {
  Aggregate,
  AggregateQuery,
  AggregateRow,
  CollectionDefinition,
  ColumnType,
  EntryGroup,
  GroupKey,
  MigrationStep,
  RangeGroup,
  RecordChanges,
  RecordCollection,
  RecordFilter,
  RecordPage,
  RecordQuery,
  RecordStore,
  RollUpDefinition,
  Scalar,
  ScaleGroup,
  SegmentsDefinition,
} from './record-store.js';
export type { StorageErrorListener } from './storage-error.js';
export type { ExpiringValue, SetOptions, ValueStore } from './value-store.js';
