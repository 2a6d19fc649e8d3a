// Records in a file, on Node.
export { createSqliteRecordStore, type SqliteRecordStoreOptions } from './sqlite-record-store.js';
