import { MillraceError } from '../model/errors/millrace-error.js';
import type { RecordFilter, RecordStore } from '../storage/record-store.js';
import {
  reportStorageError,
  type StorageErrorListener,
  storageError,
  warnOnConsole,
} from '../storage/storage-error.js';
import { CALL_COLLECTION } from './call-collection.js';
import type { Ledger, LedgerFilter } from './ledger.js';
import type { LedgerRecord } from './ledger-record.js';
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

const toWhere = ({
  from,
  before,
  provider,
  model,
  status,
  project,
  user,
  groupId,
}: LedgerFilter): RecordFilter => {
  const equal = { provider, model, status, project, user, groupId };
  const where: Record<string, RecordFilter[string]> = {};
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) where[column] = value;
  }
  if (from !== undefined || before !== undefined) where['startedAt'] = { from, before };
  return where;
};

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
  return {
    record(record) {
      try {
        calls.put(record);
      } catch (error) {
        reportStorageError(onError, describeFailure(record.id, error));
      }
    },
    get: (id) => calls.get(id),
    list: ({ order, limit, cursor, signal, ...filter } = {}) =>
      calls.find({ where: toWhere(filter), order, limit, cursor, signal }),
    async summarize({ by = [], signal, ...filter } = {}) {
      const groupBy = [...new Set([...by, 'status'])];
      const rows = await calls.aggregate({
        where: toWhere(filter),
        groupBy,
        figures: SUMMARY_FIGURES,
        signal,
      });
      return summarizeCalls(rows, by);
    },
    flush: () => calls.flush(),
    close: () => store.close(),
  };
};
