import { v7 as uuid } from 'uuid';
import type { StoreOperationOptions } from '../../storage/counter-store.js';
import type { StorageErrorListener } from '../../storage/storage-error.js';
import type { ValueStore } from '../../storage/value-store.js';
import { startBackgroundSync } from '../shared/background-sync.js';
import { checkOption } from '../shared/check-option.js';
import { storeListener } from '../shared/store-listener.js';
import { figuresOf, type HistoryFigures, NO_HISTORY } from './history-figures.js';
import { type HistoryOutcome, tallyOf } from './history-outcome.js';
import { checkSnapshot, type HistorySnapshot } from './history-snapshot.js';
import { createSharedHistory } from './shared-history.js';
import { addTo, type TallyTable, tallyKey, tallyNames, trim } from './tally-table.js';

/** How a history is kept. */
export interface HistoryOptions {
  /** After this time an outcome counts half, in milliseconds. Default: 604800000, 7 days. */
  readonly halfLifeMs?: number | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Shares the history with other processes. Its owner closes it. All of them must have the same half-life. */
  readonly store?: ValueStore | undefined;
  /** Goes before the keys in the store. Default: `history:`. */
  readonly prefix?: string | undefined;
  /** How often what is new is written and read, in milliseconds: the age that the figures of others can have. Default: 5000. */
  readonly syncMs?: number | undefined;
  /** Models times categories that are kept; the ones with the least calls are dropped. Default: 10000. */
  readonly maxEntries?: number | undefined;
  /** Told when the store fails. Default: a warning on the console. */
  readonly onStoreError?: StorageErrorListener | undefined;
}

/** How well each model has done, by category. */
export interface History {
  /**
   * Count an outcome. Does not wait. After closing it is known here alone: calls may end later than that.
   *
   * @throws MillraceError `BAD_REQUEST` for figures that cannot be right.
   */
  record(outcome: HistoryOutcome): void;
  /** What is known. Reads memory only, in constant time. */
  look(provider: string, model: string, category: string): HistoryFigures;
  /** Everything that is known, as plain JSON. */
  snapshot(): HistorySnapshot;
  /**
   * Put a snapshot in the place of everything that is known; in the shared store too, with the next {@link History.sync}.
   *
   * @throws MillraceError `BAD_REQUEST` for anything that is no snapshot.
   */
  load(snapshot: HistorySnapshot): void;
  /**
   * Write what is new and read what others wrote, now. It happens in the background anyway. Without a store it does
   * nothing.
   *
   * @throws MillraceError `STORAGE` when the store fails; nothing is lost, and it is tried again.
   * @throws the signal's reason when it is aborted; that ends the wait alone.
   */
  sync(options?: StoreOperationOptions): Promise<void>;
  /** Write what is new, and stop. Never rejects: what could not be written is told to `onStoreError`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const WEEK_MS = 7 * 86_400_000;

/**
 * A history of how well models did, with exponential decay: an outcome that is `t` old counts `2^(−t / halfLifeMs)`.
 *
 * With a store, processes share it. Each adds what it saw to what is there, so that none overwrites another; calls
 * never wait for the store, and go on with what is in memory when it fails.
 *
 * @throws MillraceError `INVALID_CONFIG` for an option that cannot be right.
 */
export const createHistory = (options: HistoryOptions = {}): History => {
  const { clock = Date.now, store, prefix = 'history:', onStoreError } = options;
  const halfLifeMs = checkOption('halfLifeMs', options.halfLifeMs ?? WEEK_MS, { least: 1, most: 2 ** 45 });
  const maxEntries = checkOption('maxEntries', options.maxEntries ?? 10_000, { least: 1 });
  const syncMs = checkOption('syncMs', options.syncMs ?? 5_000, { least: 10, most: 2 ** 30 });

  const table: TallyTable = new Map();
  const shared =
    store === undefined
      ? undefined
      : createSharedHistory({ store, prefix, writer: uuid(), halfLifeMs, clock, maxEntries, table });
  const sync =
    shared === undefined
      ? undefined
      : startBackgroundSync({
          place: 'The routing history',
          everyMs: syncMs,
          run: shared.exchange,
          onError: storeListener(onStoreError, 'The routing history'),
        });

  const makeRoom = (): void => {
    if (table.size > maxEntries) trim(table, { most: Math.ceil(maxEntries * 0.9), now: clock(), halfLifeMs });
  };

  const close = async (): Promise<void> => sync?.close();

  return {
    record(outcome) {
      const tally = tallyOf(outcome, clock());
      const key = tallyKey(outcome.provider, outcome.model, outcome.category);
      addTo(table, key, tally, halfLifeMs);
      shared?.add(key, tally);
      makeRoom();
    },
    look(provider, model, category) {
      const tally = table.get(tallyKey(provider, model, category));
      return tally === undefined ? NO_HISTORY : figuresOf(tally, clock(), halfLifeMs);
    },
    snapshot: () => ({
      version: 1,
      entries: Array.from(table, ([key, tally]) => ({ ...tallyNames(key), ...tally })),
    }),
    load(snapshot) {
      checkSnapshot(snapshot);
      const now = clock();
      const loaded: TallyTable = new Map();
      for (const { provider, model, category, ...tally } of snapshot.entries) {
        const key = tallyKey(provider, model, category);
        addTo(loaded, key, { ...tally, at: Math.min(tally.at, now) }, halfLifeMs);
      }
      table.clear();
      for (const [key, tally] of loaded) table.set(key, tally);
      makeRoom();
      shared?.replace(loaded);
    },
    sync: async (options) => sync?.now(options?.signal),
    close,
    [Symbol.asyncDispose]: close,
  };
};
