// Records, counters and expiring values in Postgres. Needs the optional package `pg`.
export { createPostgresCounterStore, type PostgresCounterStoreOptions } from './postgres-counter-store.js';
export type { PostgresOptions } from './postgres-options.js';
export type { PostgresClient, PostgresPool, PostgresQuery } from './postgres-pool.js';
export { createPostgresRecordStore, type PostgresRecordStoreOptions } from './postgres-record-store.js';
export { createPostgresValueStore } from './postgres-value-store.js';
