import type { AggregatePlan } from '../../query-plan.js';
import type { Batch, Selection } from './batch.js';
import type { ItemValues } from './column-values.js';
import { createFigureSet } from './figure-set.js';
import type { FigureTable } from './figure-table.js';
import { createGroups } from './groups.js';
import { scannedConditions } from './scanned-conditions.js';
import { createPlaceSelection } from './select-places.js';

/** Computes the figures of a plan, one batch of records after the other. */
export interface Scan {
  /** @param leftOut - the places of records that do not count, each once */
  add(batch: Batch, leftOut?: readonly number[]): void;
  /** Groups are in the order of their values. */
  result(): FigureTable;
}

/** Puts each record there once for each of its entries. */
const byEntries = ({ codes, starts, values }: ItemValues, places: Uint32Array, length: number): Selection => {
  let most = 0;
  for (let index = 0; index < length; index += 1) {
    const code = codes[places[index] ?? 0] ?? 0;
    if (code !== 0) most += (starts[code] ?? 0) - (starts[code - 1] ?? 0);
  }
  const found = new Uint32Array(most);
  const items = new Uint32Array(most);
  let count = 0;
  for (let index = 0; index < length; index += 1) {
    const place = places[index] ?? 0;
    const code = codes[place] ?? 0;
    if (code === 0) continue;
    for (let item = starts[code - 1] ?? 0; item < (starts[code] ?? 0); item += 1) {
      if (Number.isNaN(values[item])) continue;
      found[count] = place;
      items[count] = item;
      count += 1;
    }
  }
  return { places: found, length: count, items };
};

export const createScan = (plan: AggregatePlan): Scan => {
  const select = createPlaceSelection(scannedConditions(plan));
  const groups = createGroups(plan.groupBy);
  const sets = new Map(
    [...Map.groupBy(plan.figures, ({ conditions }) => conditions)].map(([conditions, figures]) => [
      conditions,
      createFigureSet(conditions, figures),
    ]),
  );
  const entries = plan.groupBy.find(({ kind }) => kind === 'entry')?.column;

  return {
    add(batch, leftOut) {
      const { places, length } = select(batch, leftOut);
      if (length === 0) return;
      const selection: Selection =
        entries === undefined
          ? { places, length, items: undefined }
          : byEntries(batch.values(entries) as ItemValues, places, length);
      const groupOf = groups.of(batch, selection);
      for (const set of sets.values()) set.add(batch, selection, groupOf, groups.size);
    },
    result() {
      const sorted = groups.sorted();
      const figures = plan.figures.map((figure) => {
        const values = new Float64Array(sorted.length);
        const set = sets.get(figure.conditions);
        for (let index = 0; index < sorted.length; index += 1) {
          values[index] = set?.figure(figure, sorted[index] ?? 0) ?? Number.NaN;
        }
        return values;
      });
      return { length: sorted.length, groups: groups.columns(sorted), figures };
    },
  };
};
