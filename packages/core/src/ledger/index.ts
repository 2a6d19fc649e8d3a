// What is recorded, and how it is read.
export type { Ledger, LedgerDimension, LedgerFilter, LedgerQuery, LedgerSummary } from './ledger.js';
export type { CallStatus, LedgerRecord } from './ledger-record.js';
// Where it is kept.
export { createLedger, type LedgerOptions } from './create-ledger.js';
export { memoryLedger, type MemoryLedgerOptions } from './memory-ledger.js';
