import type { Column } from '../../column.js';
import type { Condition, PlannedFigure } from '../../query-plan.js';
import type { Batch, Selection } from './batch.js';
import { grown } from './grown.js';
import { unmarkPlaces } from './select-places.js';
import { createTally, type Tally, type TallyNeeds } from './tally.js';

/** The figures of a plan that are about the same records. */
export interface FigureSet {
  /** Adds those of some records to their groups, of which there are `size`. */
  add(batch: Batch, selection: Selection, groups: Uint32Array, size: number): void;
  /** NaN where there is none. */
  figure(figure: PlannedFigure, group: number): number;
}

const talliesOf = (figures: readonly PlannedFigure[]): ReadonlyMap<Column, Tally> => {
  const needs = new Map<Column, TallyNeeds>();
  for (const { function: name, column } of figures) {
    if (column === undefined) continue;
    const known = needs.get(column);
    needs.set(column, {
      counts: known?.counts === true || (name !== 'total' && name !== 'percentile'),
      sums: known?.sums === true || name === 'sum' || name === 'total' || name === 'average',
      extremes: known?.extremes === true || name === 'minimum' || name === 'maximum',
      steps: known?.steps === true || name === 'percentile',
    });
  }
  return new Map([...needs].map(([column, some]) => [column, createTally(some)]));
};

/** Leaves the records of a selection that fulfil conditions, with their groups. */
const createNarrowing = (conditions: readonly Condition[]) => {
  let marks: Uint8Array = new Uint8Array(0);
  let places: Uint32Array = new Uint32Array(0);
  let items: Uint32Array = new Uint32Array(0);
  let own: Uint32Array = new Uint32Array(0);

  return (batch: Batch, selection: Selection, groups: Uint32Array): [Selection, Uint32Array] => {
    if (marks.length < batch.count) marks = new Uint8Array(batch.count);
    marks.fill(1);
    for (const condition of conditions) unmarkPlaces(batch, condition, marks);
    if (own.length < selection.length) {
      places = new Uint32Array(selection.length);
      items = new Uint32Array(selection.length);
      own = new Uint32Array(selection.length);
    }
    let length = 0;
    for (let index = 0; index < selection.length; index += 1) {
      const place = selection.places[index] ?? 0;
      places[length] = place;
      own[length] = groups[index] ?? 0;
      if (selection.items !== undefined) items[length] = selection.items[index] ?? 0;
      length += marks[place] ?? 0;
    }
    return [{ places, length, items: selection.items && items }, own];
  };
};

/** @param conditions - which records of each group they are about */
export const createFigureSet = (
  conditions: readonly Condition[],
  figures: readonly PlannedFigure[],
): FigureSet => {
  const narrow = conditions.length === 0 ? undefined : createNarrowing(conditions);
  const tallies = talliesOf(figures);
  const countsRecords = figures.some(({ column }) => column === undefined);
  let records: Float64Array = new Float64Array(0);

  return {
    add(batch, all, allGroups, size) {
      const [selection, groups] = narrow?.(batch, all, allGroups) ?? [all, allGroups];
      for (const [column, tally] of tallies) tally.add(batch.values(column), selection, groups, size);
      if (!countsRecords) return;
      records = grown(records, size, 0);
      for (let index = 0; index < selection.length; index += 1) {
        const group = groups[index] ?? 0;
        records[group] = (records[group] ?? 0) + 1;
      }
    },
    figure(figure, group) {
      if (figure.column === undefined) return records[group] ?? 0;
      return tallies.get(figure.column)?.figure(figure, group) ?? Number.NaN;
    },
  };
};
