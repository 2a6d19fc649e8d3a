import type { DatabaseSync } from 'node:sqlite';
import type { CollectionShape } from '../collection-shape.js';
import { entriesIn, groupValue } from '../group-value.js';
import type { RollUp } from '../roll-up.js';
import type { StoredRow } from '../stored-value.js';
import type { FigureReader } from './figure-reader.js';
import { addText, packKey, sweepText, TIMELESS } from './roll-up-tables.js';

/** Gathers what some writes change in the totals of a roll-up, and adds it to them in one go. */
export interface RollUpWriter {
  /** A record came, or went: `sign` is 1 or -1. */
  count(row: StoredRow, sign: 1 | -1): void;
  /** Adds what was gathered; call it in the transaction of the writes. */
  write(): void;
  /** Forgets what was gathered. */
  discard(): void;
}

interface Change {
  readonly start: number;
  readonly keys: readonly (string | number)[];
  /** Records, totals and counts, as the table has them. */
  readonly figures: number[];
}

const startOf = (time: number, span: number): number =>
  time === TIMELESS ? TIMELESS : Math.floor(time / span) * span;

/** Adds figures to those of the same place. */
const addTo = (
  changes: Map<string, Change>,
  start: number,
  keys: Change['keys'],
  figures: readonly number[],
): void => {
  const place = `${start}\0${keys.join('\0')}`;
  const known = changes.get(place);
  if (known === undefined) {
    changes.set(place, { start, keys, figures: figures.slice() });
    return;
  }
  // Runs some dozen times for every record; an iterator would cost more than the addition.
  for (let index = 0; index < figures.length; index += 1) {
    known.figures[index] = (known.figures[index] ?? 0) + (figures[index] ?? 0);
  }
};

export const createRollUpWriter = (
  database: DatabaseSync,
  shape: CollectionShape,
  rollUp: RollUp,
  figuresOf: FigureReader,
): RollUpWriter => {
  const { keys, time, spans } = rollUp;
  const [shortest = 1, ...longer] = spans;
  const add = database.prepare(addText(shape, rollUp));
  const sweep = database.prepare(sweepText(shape, rollUp));
  const entryColumn = keys.find(({ kind }) => kind === 'entry')?.column;
  const gathered = new Map<string, Change>();

  const keysOf = (row: StoredRow, entry: string | null): Change['keys'] =>
    keys.map((key) => packKey(key.kind, key.kind === 'entry' ? entry : (groupValue(key, row) ?? null)));

  const writeSpan = (span: number, changes: ReadonlyMap<string, Change>): void => {
    for (const { start, keys: values, figures } of changes.values()) {
      if (figures.every((figure) => figure === 0)) continue;
      add.run(span, start, ...values, ...figures);
      if ((figures[0] ?? 0) <= 0) sweep.run(span, start, ...values);
    }
  };

  return {
    count(row, sign) {
      const start = startOf(Number(row[time.index] ?? TIMELESS), shortest);
      if (entryColumn === undefined) {
        addTo(gathered, start, keysOf(row, null), figuresOf(row, sign));
        return;
      }
      for (const [name, value] of entriesIn(row[entryColumn.index])) {
        addTo(gathered, start, keysOf(row, name), figuresOf(row, sign, value));
      }
    },
    write() {
      let changes: ReadonlyMap<string, Change> = gathered;
      writeSpan(shortest, changes);
      for (const span of longer) {
        const merged = new Map<string, Change>();
        for (const { start, keys: values, figures } of changes.values()) {
          addTo(merged, startOf(start, span), values, figures);
        }
        writeSpan(span, merged);
        changes = merged;
      }
      gathered.clear();
    },
    discard: () => gathered.clear(),
  };
};
