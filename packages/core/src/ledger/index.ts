// What is recorded, and how it is read.

// Where it is kept.
export { createLedger, type LedgerOptions } from './create-ledger.js';
export type { Ledger, LedgerDimension, LedgerFilter, LedgerQuery, LedgerSummary } from './ledger.js';
export type { CallStatus, LedgerRecord, Operation } from './ledger-record.js';
export { type MemoryLedgerOptions, memoryLedger } from './memory-ledger.js';
