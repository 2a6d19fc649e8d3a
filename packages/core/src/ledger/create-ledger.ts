import { MillraceError } from '../model/errors/millrace-error.js';
import type { RecordStore } from '../storage/record-store.js';
import {
  reportStorageError,
  type StorageErrorListener,
  storageError,
  warnOnConsole,
} from '../storage/storage-error.js';
import { CALL_COLLECTION } from './call-collection.js';
import { compressionOf } from './compression.js';
import { exportCalls } from './export-calls.js';
import { measureLatency } from './latency.js';
import type { Ledger } from './ledger.js';
import { toWhere } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';
import { computeSavings } from './savings.js';
import { drawSeries } from './series.js';
import { SUMMARY_FIGURES, summarizeCalls } from './summarize-calls.js';

/** Options of {@link createLedger}. */
export interface LedgerOptions {
  /** Where the records are kept. The ledger closes it when it is closed itself. */
  readonly store: RecordStore;
  /**
   * Is told of a record that could not be handed to the store.
   *
   * @defaultValue a warning on the console
   */
  readonly onError?: StorageErrorListener | undefined;
}

const describeFailure = (id: string, error: unknown): MillraceError => {
  const reason = MillraceError.isInstance(error) ? error.message : 'The store failed.';
  return storageError(`The account of the call ${id} was not recorded. ${reason}`, {
    cause: error,
    details: { callId: id },
  });
};

/**
 * Keeps the account of all calls in a store.
 *
 * @throws MillraceError `STORAGE` when the store cannot be opened or was written by newer software.
 */
export const createLedger = (options: LedgerOptions): Ledger => {
  const { store, onError = warnOnConsole } = options;
  const calls = store.collection<LedgerRecord>(CALL_COLLECTION);
  const latency: Ledger['latency'] = (query = {}) => measureLatency(calls, query);
  const summarize: Ledger['summarize'] = async ({ by = [], signal, ...filter } = {}) => {
    const rows = await calls.aggregate({
      where: toWhere(filter),
      groupBy: [...new Set(by)],
      figures: SUMMARY_FIGURES,
      signal,
    });
    return summarizeCalls(rows, by);
  };
  return {
    record(record) {
      try {
        calls.put(record);
      } catch (error) {
        reportStorageError(onError, describeFailure(record.id, error));
      }
    },
    amend(id, changes) {
      try {
        calls.update(id, changes);
      } catch (error) {
        reportStorageError(onError, describeFailure(id, error));
      }
    },
    async rate(id, rating) {
      calls.update(id, { rating });
      return (await calls.get(id)) !== undefined;
    },
    get: (id) => calls.get(id),
    list: ({ sort = 'startedAt', order, limit, cursor, signal, ...filter } = {}) =>
      calls.find({ where: toWhere(filter), orderBy: sort, order, limit, cursor, signal }),
    summarize,
    series: (query) => drawSeries(calls, query),
    latency,
    async compare(query = {}) {
      const [summaries, latencies] = await Promise.all([summarize(query), latency(query)]);
      const measured = new Map(latencies.map(({ group, ...rest }) => [JSON.stringify(group), rest]));
      return summaries.map((summary) => ({
        ...summary,
        ...(measured.get(JSON.stringify(summary.group)) ?? { latency: null, timeToFirstToken: null }),
      }));
    },
    savings: (query) => computeSavings(calls, query),
    compression: (query = {}) => compressionOf(calls, query),
    export: (query) => exportCalls(calls, query),
    flush: () => calls.flush(),
    close: () => store.close(),
  };
};
