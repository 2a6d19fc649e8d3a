// What is recorded, and how it is read.

export type { CalendarUnit } from '../time/calendar.js';
// What is watched.
export type {
  LedgerAlert,
  LedgerAlertRule,
  LedgerAlertSample,
  LedgerAlertScope,
} from './alerts/alert-rule.js';
export {
  createLedgerAlerts,
  type LedgerAlerts,
  type LedgerAlertsOptions,
} from './alerts/create-ledger-alerts.js';
// What it tells.
export type { LedgerCompression, StageSavings } from './compression.js';
// Where it is kept.
export { createLedger, type LedgerOptions } from './create-ledger.js';
export type { LedgerExportQuery } from './export-calls.js';
export type { LedgerLatency, Percentiles } from './latency.js';
export type { Ledger, LedgerComparison, LedgerQuery } from './ledger.js';
export type { LedgerDimension, LedgerFilter, LedgerGroup, LedgerStatisticQuery } from './ledger-filter.js';
export type { CallStatus, LedgerRecord, Operation } from './ledger-record.js';
export type { LedgerSummary } from './ledger-summary.js';
export { type MemoryLedgerOptions, memoryLedger } from './memory-ledger.js';
export type { LedgerSavings, LedgerSavingsQuery } from './savings.js';
export type { LedgerPoint, LedgerSeriesQuery } from './series.js';
