import type { ValueStore } from '../../storage/value-store.js';
import { sharedDocument } from '../shared/shared-document.js';
import { CLOSED_CIRCUIT } from './circuit.js';
import { type CircuitChange, changeCircuits, FORGET_MS, parseCircuits } from './circuit-document.js';
import type { CircuitTable } from './circuit-table.js';

/** The open circuits, kept in step with other processes. */
export interface SharedCircuits {
  add(change: CircuitChange): void;
  /** Write what is new, and bring the table up to date. */
  exchange(): Promise<void>;
}

/** What is shared, and where. */
export interface SharedCircuitsOptions {
  readonly store: ValueStore;
  readonly key: string;
  readonly table: CircuitTable;
  readonly clock: () => number;
  /** The longest time that something can be skipped, in milliseconds. */
  readonly longestMs: number;
}

/** Changes that wait for a store that fails; the oldest are dropped. */
const MAX_WAITING = 1_000;

/** Shares a table with other processes. */
export const createSharedCircuits = (options: SharedCircuitsOptions): SharedCircuits => {
  const { store, key, table, clock, longestMs } = options;
  const ttlMs = Math.ceil(longestMs + FORGET_MS);
  const document = sharedDocument({ store, key, ttlMs, parse: parseCircuits });
  let waiting: CircuitChange[] = [];

  return {
    add(change) {
      waiting.push(change);
      if (waiting.length > MAX_WAITING) waiting.shift();
    },
    async exchange() {
      const sent = [...waiting];
      const written = await document.update((known) => changeCircuits(known, sent, clock()));
      waiting = waiting.filter((change) => !sent.includes(change));
      const current = new Map(Object.entries(changeCircuits(written, waiting, clock())));
      for (const [name] of table.open()) if (!current.has(name)) table.set(name, CLOSED_CIRCUIT);
      for (const [name, open] of current) table.set(name, { failures: table.get(name).failures, open });
    },
  };
};
