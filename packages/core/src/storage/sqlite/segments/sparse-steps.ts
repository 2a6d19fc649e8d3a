import { isReached } from '../../percentile.js';
import { SCALE_STEPS } from '../../value-scale.js';
import { grown } from './grown.js';
import { createPairTable } from './pair-table.js';
import type { DenseStepTable, StepTable } from './step-table.js';

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

/**
 * Has a place for each pair of group and step that occurs.
 *
 * @param counted - what has been counted already
 */
export const createSparseSteps = (counted: DenseStepTable): StepTable => {
  const pairs = createPairTable();
  let counts: Float64Array = new Float64Array(0);
  let sorted: SortedSteps | undefined;

  const addTimes = (
    groups: Uint32Array,
    steps: Uint32Array,
    length: number,
    size: number,
    times: (index: number) => number,
  ): void => {
    pairs.combine(groups, steps, length, { left: size, right: SCALE_STEPS });
    counts = grown(counts, pairs.size, 0);
    for (let index = 0; index < length; index += 1) {
      const pair = groups[index] ?? 0;
      counts[pair] = (counts[pair] ?? 0) + times(index);
    }
  };

  const sort = (): SortedSteps => {
    const all = new Uint32Array(pairs.size);
    for (let pair = 0; pair < all.length; pair += 1) all[pair] = pair;
    const { items, starts } = sortedBy(sortedBy(all, pairs.right).items, pairs.left);
    const ordered = new Float64Array(items.length);
    for (let index = 0; index < items.length; index += 1) ordered[index] = counts[items[index] ?? 0] ?? 0;
    return { starts, steps: items.map(pairs.right), counts: ordered };
  };

  const groups: number[] = [];
  const steps: number[] = [];
  const times: number[] = [];
  counted.each((group, step, count) => {
    groups.push(group);
    steps.push(step);
    times.push(count);
  });
  // Group by group: the last one is the greatest.
  const size = (groups.at(-1) ?? 0) + 1;
  addTimes(
    Uint32Array.from(groups),
    Uint32Array.from(steps),
    groups.length,
    size,
    (index) => times[index] ?? 0,
  );

  return {
    add: (some, own, length, most) => addTimes(some, own, length, most, () => 1),
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
