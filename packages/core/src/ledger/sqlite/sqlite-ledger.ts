import {
  createSqliteRecordStore,
  type SqliteRecordStoreOptions,
} from '../../storage/sqlite/sqlite-record-store.js';
import { createLedger } from '../create-ledger.js';
import type { Ledger } from '../ledger.js';

/**
 * A ledger in an SQLite file, which several processes may share. Needs Node 22.13 or newer.
 *
 * @throws MillraceError `STORAGE` when the file cannot be opened or was written by newer software.
 */
export const sqliteLedger = (options: SqliteRecordStoreOptions): Ledger =>
  createLedger({ store: createSqliteRecordStore(options), onError: options.onError });
