import { isReached } from '../../percentile.js';
import { SCALE_STEPS } from '../../value-scale.js';
import type { DenseStepTable } from './step-table.js';

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
