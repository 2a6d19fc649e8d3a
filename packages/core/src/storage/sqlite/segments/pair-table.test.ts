import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPairTable } from './pair-table.js';

test('a pair table gives each pair one number, in the order in which they come', () => {
  const number = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  const batch = fc.array(fc.tuple(number, number), { maxLength: 3_000, size: 'max' });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 3 }), (batches) => {
      const table = createPairTable();
      const known = new Map<string, number>();
      for (const pairs of batches) {
        const left = Uint32Array.from(pairs, ([one]) => one);
        table.combine(
          left,
          Uint32Array.from(pairs, ([, other]) => other),
          pairs.length,
        );
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
    { numRuns: 30 },
  );
});
