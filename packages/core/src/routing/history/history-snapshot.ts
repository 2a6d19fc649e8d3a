import { MillraceError } from '../../model/errors/millrace-error.js';
import type { DecayedTally } from './decayed-tally.js';

/** What is kept of one model for one category: weighted sums as of a time. */
export interface HistoryEntry extends DecayedTally {
  readonly provider: string;
  readonly model: string;
  readonly category: string;
}

/** A history as plain JSON. */
export interface HistorySnapshot {
  readonly version: 1;
  readonly entries: readonly HistoryEntry[];
}

const NAMES = ['provider', 'model', 'category'] as const;
const AMOUNTS = [
  'at',
  'calls',
  'successes',
  'timedCalls',
  'latencyMs',
  'pricedCalls',
  'costUsd',
] as const satisfies readonly (keyof DecayedTally)[];

const isEntry = (entry: HistoryEntry | null | undefined): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  NAMES.every((name) => typeof entry[name] === 'string') &&
  AMOUNTS.every((name) => Number.isFinite(entry[name]) && entry[name] >= 0);

/** @throws MillraceError `BAD_REQUEST` for anything that is no snapshot of this version. */
export const checkSnapshot = (snapshot: HistorySnapshot): void => {
  if (snapshot?.version !== 1 || !Array.isArray(snapshot.entries)) {
    throw new MillraceError(
      'BAD_REQUEST',
      'This is no snapshot of a history of version 1; pass what `snapshot()` returned.',
    );
  }
  const wrong = snapshot.entries.findIndex((entry) => !isEntry(entry));
  if (wrong >= 0) {
    throw new MillraceError(
      'BAD_REQUEST',
      `Entry ${wrong} of the snapshot is not complete: it needs ${[...NAMES, ...AMOUNTS].join(', ')}.`,
    );
  }
};
