import { SCALE_STEPS, scaleStep } from '../../value-scale.js';
import { createDenseSteps } from './dense-steps.js';
import { createSparseSteps } from './sparse-steps.js';
import type { StepTable } from './step-table.js';

/** How many values of each group are in each step of the scale. */
export interface StepCounts {
  /** Adds the values at some places, null left out, to their groups, of which there are `size`. */
  add(values: Float64Array, places: Uint32Array, length: number, groups: Uint32Array, size: number): void;
  /** The step that a percentile is in; NaN where there is no value. To be asked when all are added. */
  percentile(group: number, thousandths: number): number;
}

/** Up to so many steps of groups have a place each: 16 MB. */
const MOST_DENSE = 2 ** 22;

/** @param mostDense - up to how many steps of groups have a place each, whether they occur or not */
export const createStepCounts = (mostDense: number = MOST_DENSE): StepCounts => {
  const dense = createDenseSteps();
  let table: StepTable = dense;
  let own: Uint32Array = new Uint32Array(0);
  let steps: Uint32Array = new Uint32Array(0);

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
      if (table === dense && size * SCALE_STEPS > mostDense) table = createSparseSteps(dense);
      table.add(own, steps, kept, size);
    },
    percentile: (group, thousandths) => table.percentile(group, thousandths),
  };
};
