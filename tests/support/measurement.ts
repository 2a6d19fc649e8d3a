import type { LedgerSummary } from '@millrace/core/ledger';

/** What a measured server tells of itself. */
export interface Measurement {
  /** After a full garbage collection. */
  readonly heapBytes: number;
  /** Open connections of clients, the one that asks included. */
  readonly connections: number;
  readonly rejections: readonly string[];
  /** Calls in the ledger by how they ended. */
  readonly calls: readonly LedgerSummary[];
}
