import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPairTable } from './pair-table.js';

test('a pair table gives each pair one number, in the order in which they come', () => {
  // Some tables stay small, some become large with a batch.
  const batch = fc.nat(9).chain((power) => {
    const number = fc.nat(8 ** power);
    return fc.array(fc.tuple(number, number), { maxLength: 3_000, size: 'max' });
  });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
      const table = createPairTable();
      const known = new Map<string, number>();
      const limits = { left: 0, right: 0 };
      for (const pairs of batches) {
        for (const [one, other] of pairs) {
          limits.left = Math.max(limits.left, one + 1);
          limits.right = Math.max(limits.right, other + 1);
        }
        const left = Uint32Array.from(pairs, ([one]) => one);
        const right = Uint32Array.from(pairs, ([, other]) => other);
        table.combine(left, right, pairs.length, limits);
        const expected = pairs.map((pair) => {
          const key = pair.join();
          const code = known.get(key) ?? known.size;
          known.set(key, code);
          return code;
        });
        expect([...left]).toEqual(expected);
      }
      expect(table.size).toBe(known.size);
      for (const [key, code] of known) expect(`${table.left(code)},${table.right(code)}`).toBe(key);
    }),
    { numRuns: 50 },
  );
});
