import { MillraceError } from '../model/errors/millrace-error.js';

/** What every store does besides its work: begin, clear away, close. */
export interface StoreLife {
  /**
   * @throws MillraceError `CLOSED` after closing.
   * @throws the signal's reason when it is aborted.
   */
  begin(signal: AbortSignal | undefined): void;
  /** Something was written: now and then, clears away in the background what has ended. */
  wrote(): void;
  readonly close: () => Promise<void>;
}

/** What the life of a store needs. */
export interface StoreLifeOptions {
  /** For messages: "The counter store". */
  readonly name: string;
  /** Clears away at most `limit` entries and says how many they were. */
  readonly sweep: (limit: number) => Promise<number> | number;
  readonly release: () => Promise<void> | void;
}

const SWEEP_EVERY_MS = 60_000;
/** Entries of one sweep; bounds how long it can take. */
const SWEEP_BATCH = 1_000;

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Begins the life of a store. */
export const startStoreLife = ({ name, sweep, release }: StoreLifeOptions): StoreLife => {
  let closing: Promise<void> | undefined;
  let sweeping: Promise<void> | undefined;
  let sweptAt = Date.now();

  const sweepQuietly = async (): Promise<void> => {
    try {
      while ((await sweep(SWEEP_BATCH)) >= SWEEP_BATCH && closing === undefined) await nextTurn();
    } catch {
      // A later one clears it away, and whatever broke it is reported by the operations that callers wait for.
    }
    sweeping = undefined;
  };

  const end = async (): Promise<void> => {
    await sweeping;
    await release();
  };

  return {
    begin(signal) {
      if (closing !== undefined) throw new MillraceError('CLOSED', `${name} was closed.`);
      signal?.throwIfAborted();
    },
    wrote() {
      if (closing !== undefined || sweeping !== undefined || Date.now() - sweptAt < SWEEP_EVERY_MS) return;
      sweptAt = Date.now();
      sweeping = sweepQuietly();
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
};
