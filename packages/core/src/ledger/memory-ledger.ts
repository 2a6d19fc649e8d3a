import {
  createMemoryRecordStore,
  type MemoryRecordStoreOptions,
} from '../storage/memory/memory-record-store.js';
import { createLedger, type LedgerOptions } from './create-ledger.js';
import type { Ledger } from './ledger.js';

/** Options of {@link memoryLedger}. */
export interface MemoryLedgerOptions extends MemoryRecordStoreOptions, Pick<LedgerOptions, 'onError'> {}

/** A ledger that lives as long as the process and keeps the newest 100,000 calls unless told otherwise. */
export const memoryLedger = (options: MemoryLedgerOptions = {}): Ledger =>
  createLedger({ store: createMemoryRecordStore(options), onError: options.onError });
