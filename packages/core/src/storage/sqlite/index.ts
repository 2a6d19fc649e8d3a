// Records, counters and expiring values in a file, on Node.
export { createSqliteCounterStore, type SqliteCounterStoreOptions } from './sqlite-counter-store.js';
export { createSqliteRecordStore, type SqliteRecordStoreOptions } from './sqlite-record-store.js';
export { createSqliteValueStore, type SqliteValueStoreOptions } from './sqlite-value-store.js';
