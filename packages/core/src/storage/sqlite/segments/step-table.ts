import { isReached } from '../../percentile.js';
import { SCALE_STEPS } from '../../value-scale.js';

/** Counts steps of the scale by groups. */
export interface StepTable {
  /** Counts one more for each of some pairs of group and step; groups are below `size`. */
  add(groups: Uint32Array, steps: Uint32Array, length: number, size: number): void;
  /** The step that a percentile is in; NaN where there is no value. To be asked when all are added. */
  percentile(group: number, thousandths: number): number;
}

/** One that can be taken apart. */
export interface DenseStepTable extends StepTable {
  /** Calls back for each pair that has been counted. */
  each(visit: (group: number, step: number, count: number) => void): void;
}

/** Has a place for each step of each group, which is found at once. */
export const createDenseSteps = (): DenseStepTable => {
  let counts: Uint32Array = new Uint32Array(0);
  let isSummedUp = false;

  /** Each count becomes that of all steps up to it. */
  const sumUp = (): void => {
    isSummedUp = true;
    for (let place = 0; place < counts.length; place += 1) {
      if (place % SCALE_STEPS !== 0) counts[place] = (counts[place] ?? 0) + (counts[place - 1] ?? 0);
    }
  };

  return {
    add(groups, steps, length, size) {
      if (counts.length < size * SCALE_STEPS) {
        const longer = new Uint32Array(SCALE_STEPS * 2 ** Math.ceil(Math.log2(size)));
        longer.set(counts);
        counts = longer;
      }
      for (let index = 0; index < length; index += 1) {
        const place = (groups[index] ?? 0) * SCALE_STEPS + (steps[index] ?? 0);
        counts[place] = (counts[place] ?? 0) + 1;
      }
    },
    percentile(group, thousandths) {
      if (!isSummedUp) sumUp();
      const start = group * SCALE_STEPS;
      const measured = counts[start + SCALE_STEPS - 1] ?? 0;
      if (measured === 0) return Number.NaN;
      let low = 0;
      let high = SCALE_STEPS - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (isReached(counts[start + middle] ?? 0, measured, thousandths)) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    each(visit) {
      for (let place = 0; place < counts.length; place += 1) {
        const count = counts[place] ?? 0;
        if (count > 0) visit(Math.floor(place / SCALE_STEPS), place % SCALE_STEPS, count);
      }
    },
  };
};
