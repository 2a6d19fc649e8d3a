import { isReached } from '../../percentile.js';
import { SCALE_STEPS, scaleStep } from '../../value-scale.js';
import { grown } from './grown.js';
import { createPairTable } from './pair-table.js';

/** How many values of each group are in each step of the scale. */
export interface StepCounts {
  /** Adds the values at some places, null left out, to their groups, of which there are `size`. */
  add(values: Float64Array, places: Uint32Array, length: number, groups: Uint32Array, size: number): void;
  /** The step that a percentile is in; NaN where there is no value. To be asked when all are added. */
  percentile(group: number, thousandths: number): number;
}

/** The steps of all groups, group by group and rising. */
interface SortedSteps {
  /** Where the steps of a group begin; those of the next one follow. */
  readonly starts: Uint32Array;
  readonly steps: Uint32Array;
  readonly counts: Float64Array;
}

/** Sorts by small numbers; what has the same one stays in order. Also gives where each number begins, and the end. */
const sortedBy = (items: Uint32Array, numberOf: (item: number) => number) => {
  const numbers = items.map(numberOf);
  let most = 0;
  for (let index = 0; index < numbers.length; index += 1) most = Math.max(most, numbers[index] ?? 0);
  const starts = new Uint32Array(most + 2);
  for (let index = 0; index < numbers.length; index += 1) {
    const next = (numbers[index] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let number = 1; number < starts.length; number += 1) {
    starts[number] = (starts[number] ?? 0) + (starts[number - 1] ?? 0);
  }
  const next = starts.slice();
  const sorted = new Uint32Array(items.length);
  for (let index = 0; index < items.length; index += 1) {
    const number = numbers[index] ?? 0;
    const place = next[number] ?? 0;
    sorted[place] = items[index] ?? 0;
    next[number] = place + 1;
  }
  return { items: sorted, starts };
};

export const createStepCounts = (): StepCounts => {
  const pairs = createPairTable();
  let own: Uint32Array = new Uint32Array(0);
  let steps: Uint32Array = new Uint32Array(0);
  let counts: Float64Array = new Float64Array(0);
  let sorted: SortedSteps | undefined;

  const sort = (): SortedSteps => {
    const all = new Uint32Array(pairs.size);
    for (let pair = 0; pair < all.length; pair += 1) all[pair] = pair;
    const { items, starts } = sortedBy(sortedBy(all, pairs.right).items, pairs.left);
    const ordered = new Float64Array(items.length);
    for (let index = 0; index < items.length; index += 1) ordered[index] = counts[items[index] ?? 0] ?? 0;
    return { starts, steps: items.map(pairs.right), counts: ordered };
  };

  return {
    add(values, places, length, groups, size) {
      if (own.length < length) {
        own = new Uint32Array(length);
        steps = new Uint32Array(length);
      }
      let kept = 0;
      for (let index = 0; index < length; index += 1) {
        const value = values[places[index] ?? 0] ?? 0;
        if (Number.isNaN(value)) continue;
        own[kept] = groups[index] ?? 0;
        steps[kept] = scaleStep(value);
        kept += 1;
      }
      pairs.combine(own, steps, kept, { left: size, right: SCALE_STEPS });
      counts = grown(counts, pairs.size, 0);
      for (let index = 0; index < kept; index += 1) {
        const pair = own[index] ?? 0;
        counts[pair] = (counts[pair] ?? 0) + 1;
      }
    },
    percentile(group, thousandths) {
      sorted ??= sort();
      const start = sorted.starts[group] ?? 0;
      const end = sorted.starts[group + 1] ?? start;
      let measured = 0;
      for (let place = start; place < end; place += 1) measured += sorted.counts[place] ?? 0;
      let passed = 0;
      for (let place = start; place < end; place += 1) {
        passed += sorted.counts[place] ?? 0;
        if (isReached(passed, measured, thousandths)) return sorted.steps[place] ?? Number.NaN;
      }
      return Number.NaN;
    },
  };
};
