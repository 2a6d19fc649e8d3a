// The account of all calls in a file, on Node.
export { sqliteLedger } from './sqlite-ledger.js';
export type { SqliteRecordStoreOptions } from '../../storage/sqlite/sqlite-record-store.js';
