// The account of all calls in a file, on Node.

export type { SqliteRecordStoreOptions } from '../../storage/sqlite/sqlite-record-store.js';
export { sqliteLedger } from './sqlite-ledger.js';
