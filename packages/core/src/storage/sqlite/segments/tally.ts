import type { PlannedFigure } from '../../query-plan.js';
import type { Selection } from './batch.js';
import type { ColumnValues } from './column-values.js';
import { grown } from './grown.js';
import { createStepCounts } from './step-counts.js';

/** The figures of one column for every group. */
export interface Tally {
  /** Adds the values of some records to their groups, of which there are `size`. */
  add(values: ColumnValues, selection: Selection, groups: Uint32Array, size: number): void;
  /** NaN where there is none. */
  figure(figure: PlannedFigure, group: number): number;
}

/** Which of the figures are asked for. */
export interface TallyNeeds {
  readonly counts: boolean;
  readonly sums: boolean;
  readonly extremes: boolean;
  readonly steps: boolean;
}

// One loop for each need: they run for every record.

const addSums = (
  sums: Float64Array,
  values: Float64Array,
  places: Uint32Array,
  length: number,
  groups: Uint32Array,
): void => {
  for (let index = 0; index < length; index += 1) {
    const value = values[places[index] ?? 0] ?? 0;
    // Neither null, which is NaN, nor 0, which most records have in some columns.
    if (!(value > 0 || value < 0)) continue;
    const group = groups[index] ?? 0;
    sums[group] = (sums[group] ?? 0) + value;
  }
};

const countNumbers = (
  counts: Float64Array,
  values: Float64Array,
  places: Uint32Array,
  length: number,
  groups: Uint32Array,
): void => {
  for (let index = 0; index < length; index += 1) {
    const group = groups[index] ?? 0;
    if (!Number.isNaN(values[places[index] ?? 0])) counts[group] = (counts[group] ?? 0) + 1;
  }
};

const countAndAdd = (
  counts: Float64Array,
  sums: Float64Array,
  values: Float64Array,
  places: Uint32Array,
  length: number,
  groups: Uint32Array,
): void => {
  for (let index = 0; index < length; index += 1) {
    const value = values[places[index] ?? 0] ?? 0;
    const group = groups[index] ?? 0;
    if (Number.isNaN(value)) continue;
    counts[group] = (counts[group] ?? 0) + 1;
    sums[group] = (sums[group] ?? 0) + value;
  }
};

const countCodes = (
  counts: Float64Array,
  codes: Uint32Array,
  places: Uint32Array,
  length: number,
  groups: Uint32Array,
): void => {
  for (let index = 0; index < length; index += 1) {
    const group = groups[index] ?? 0;
    if (codes[places[index] ?? 0] !== 0) counts[group] = (counts[group] ?? 0) + 1;
  }
};

const takeExtremes = (
  least: Float64Array,
  most: Float64Array,
  values: Float64Array,
  places: Uint32Array,
  length: number,
  groups: Uint32Array,
): void => {
  for (let index = 0; index < length; index += 1) {
    const value = values[places[index] ?? 0] ?? 0;
    const group = groups[index] ?? 0;
    if (value < (least[group] ?? 0)) least[group] = value;
    if (value > (most[group] ?? 0)) most[group] = value;
  }
};

/** @param needs - what `figure` will be asked for; sums and extremes need the counts too where they can be null */
export const createTally = (needs: TallyNeeds): Tally => {
  let counts: Float64Array = new Float64Array(0);
  let sums: Float64Array = new Float64Array(0);
  let least: Float64Array = new Float64Array(0);
  let most: Float64Array = new Float64Array(0);
  const steps = createStepCounts();
  return {
    add(column, { places, length, items }, groups, size) {
      if (needs.counts) counts = grown(counts, size, 0);
      if (needs.sums) sums = grown(sums, size, 0);
      const both = needs.counts && needs.sums && column.kind === 'numbers';
      if (both) countAndAdd(counts, sums, column.values, places, length, groups);
      else if (needs.counts) {
        // An entry is a number, and never null.
        if (column.kind === 'numbers') countNumbers(counts, column.values, places, length, groups);
        else countCodes(counts, column.codes, places, length, groups);
      }
      if (column.kind === 'texts') return;
      const values = column.values;
      const at = column.kind === 'items' ? items : places;
      if (at === undefined) return;
      if (needs.sums && !both) addSums(sums, values, at, length, groups);
      if (needs.extremes) {
        least = grown(least, size, Number.POSITIVE_INFINITY);
        most = grown(most, size, Number.NEGATIVE_INFINITY);
        takeExtremes(least, most, values, at, length, groups);
      }
      if (needs.steps) steps.add(values, at, length, groups, size);
    },
    figure({ function: name, thousandths = 0 }, group) {
      const count = counts[group] ?? 0;
      const sum = sums[group] ?? 0;
      switch (name) {
        case 'count':
          return count;
        case 'total':
          return sum;
        case 'sum':
          return count === 0 ? Number.NaN : sum;
        case 'average':
          return count === 0 ? Number.NaN : sum / count;
        case 'minimum':
          return count === 0 ? Number.NaN : (least[group] ?? 0);
        case 'maximum':
          return count === 0 ? Number.NaN : (most[group] ?? 0);
        case 'percentile':
          return steps.percentile(group, thousandths);
      }
    },
  };
};
