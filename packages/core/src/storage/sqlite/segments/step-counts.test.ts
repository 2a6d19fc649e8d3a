import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReached } from '../../percentile.js';
import { scaleStep } from '../../value-scale.js';
import { createStepCounts } from './step-counts.js';

const GROUPS = 9;
const batches = fc.array(
  fc.array(
    fc.record({
      group: fc.integer({ min: 0, max: GROUPS - 1 }),
      value: fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 1e6, noNaN: true })),
    }),
    { maxLength: 40 },
  ),
  { maxLength: 6 },
);

test.each([
  ['in a place for each step of each group', 2 ** 22],
  ['first in such places, then in one for each that occurs', 4 * 1_024],
  ['in a place for each that occurs', 0],
])('percentiles are those of the sorted values, counted %s', (_, mostDense) => {
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 100_000 }), (rows, thousandths) => {
      const counts = createStepCounts(mostDense);
      let size = 0;
      for (const batch of rows) {
        size = Math.max(size, ...batch.map(({ group }) => group + 1));
        counts.add(
          Float64Array.from(batch, ({ value }) => value),
          Uint32Array.from(batch, (_row, index) => index),
          batch.length,
          Uint32Array.from(batch, ({ group }) => group),
          size,
        );
      }
      for (let group = 0; group < size; group += 1) {
        const steps = rows
          .flat()
          .filter((row) => row.group === group && !Number.isNaN(row.value))
          .map(({ value }) => scaleStep(value))
          .sort((left, right) => left - right);
        const rank = steps.findIndex((_step, index) => isReached(index + 1, steps.length, thousandths));
        expect(counts.percentile(group, thousandths)).toBe(steps[rank] ?? Number.NaN);
      }
    }),
  );
});
