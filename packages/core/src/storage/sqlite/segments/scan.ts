import type { Column } from '../../column.js';
import type { AggregatePlan } from '../../query-plan.js';
import type { Batch, Selection } from './batch.js';
import type { ItemValues } from './column-values.js';
import type { FigureTable } from './figure-table.js';
import { createGroups } from './groups.js';
import { scannedConditions } from './scanned-conditions.js';
import { createPlaceSelection } from './select-places.js';
import { createTally, grown, type Tally, type TallyNeeds } from './tally.js';

/** Computes the figures of a plan, one batch of records after the other. */
export interface Scan {
  /** @param leftOut - the places of records that do not count, each once */
  add(batch: Batch, leftOut?: readonly number[]): void;
  /** Groups are in the order of their values. */
  result(): FigureTable;
}

interface ColumnTally {
  readonly column: Column;
  readonly tally: Tally;
}

/** The figures of a plan by the index of their column. */
const talliesOf = ({ figures }: AggregatePlan): ReadonlyMap<number, ColumnTally> => {
  const needs = new Map<Column, TallyNeeds>();
  for (const { function: name, column } of figures) {
    if (column === undefined) continue;
    const known = needs.get(column);
    needs.set(column, {
      counts: known?.counts === true || name !== 'total',
      sums: known?.sums === true || name === 'sum' || name === 'total' || name === 'average',
      extremes: known?.extremes === true || name === 'minimum' || name === 'maximum',
    });
  }
  return new Map([...needs].map(([column, some]) => [column.index, { column, tally: createTally(some) }]));
};

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
  const tallies = talliesOf(plan);
  const entries = plan.groupBy.find(({ kind }) => kind === 'entry')?.column;
  const countsRecords = plan.figures.some(({ column }) => column === undefined);
  let records: Float64Array = new Float64Array(0);

  return {
    add(batch, leftOut) {
      const { places, length } = select(batch, leftOut);
      if (length === 0) return;
      const selection: Selection =
        entries === undefined
          ? { places, length, items: undefined }
          : byEntries(batch.values(entries) as ItemValues, places, length);
      const groupOf = groups.of(batch, selection);
      const { size } = groups;
      for (const { column, tally } of tallies.values()) {
        tally.add(batch.values(column), selection, groupOf, size);
      }
      if (!countsRecords) return;
      records = grown(records, size, 0);
      for (let index = 0; index < selection.length; index += 1) {
        const group = groupOf[index] ?? 0;
        records[group] = (records[group] ?? 0) + 1;
      }
    },
    result() {
      const sorted = groups.sorted();
      const figures = plan.figures.map(({ function: name, column }) => {
        const tally = column && tallies.get(column.index)?.tally;
        const values = new Float64Array(sorted.length);
        for (let index = 0; index < sorted.length; index += 1) {
          const group = sorted[index] ?? 0;
          values[index] = tally === undefined ? (records[group] ?? 0) : tally.figure(name, group);
        }
        return values;
      });
      return { length: sorted.length, groups: groups.columns(sorted), figures };
    },
  };
};
