import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollectionDefinition, SegmentsDefinition } from '../record-store.js';
import { applyChanges, randomChanges } from './random-changes.js';
import { randomQuery } from './random-queries.js';
import { SAMPLES, type Sample, type WithStore } from './sample.js';

const SEGMENTS: SegmentsDefinition = { time: 'at', columns: ['name', 'score', 'flag', 'data'] };

const withSegments = (name: string, segments: SegmentsDefinition): CollectionDefinition => ({
  ...SAMPLES,
  name,
  migrations: [...SAMPLES.migrations, { addSegments: segments }],
});

/** Columns that are kept a second time never answer otherwise than the records themselves. */
export const describeSegments = (withStore: WithStore): void => {
  describe('segments', () => {
    test(
      'answer as the records do, after whatever was put, changed and removed',
      withStore(async (store) => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(1, 4, 9),
            randomChanges(40, 40),
            randomChanges(40, 80),
            randomChanges(40, 10),
            fc.array(randomQuery, { minLength: 1, maxLength: 8 }),
            async (size, before, after, last, asked) => {
              round += 1;
              const name = `packed_${round}`;
              const plain = store.collection<Sample>({ ...SAMPLES, name: `records_${round}` });
              // The segments come to records that are there already.
              await applyChanges(store.collection<Sample>({ ...SAMPLES, name }), before);
              const packed = store.collection<Sample>(withSegments(name, { ...SEGMENTS, size }));
              await applyChanges(plain, before);
              for (const changes of [after, last]) {
                await applyChanges(packed, changes);
                await applyChanges(plain, changes);
                for (const query of asked)
                  expect(await packed.aggregate(query)).toEqual(await plain.aggregate(query));
              }
            },
          ),
          { numRuns: 80 },
        );
      }),
      120_000,
    );

    test(
      'of a later step take the place of earlier ones',
      withStore(async (store) => {
        const earlier = withSegments('packed', { time: 'at', columns: ['name'], size: 2 });
        const records = Array.from({ length: 12 }, (_, index) => ({
          kind: 'put' as const,
          id: `r${index}`,
          values: { name: 'x', score: 0.5 },
        }));
        await applyChanges(store.collection<Sample>(earlier), records);
        const later = store.collection<Sample>({
          ...earlier,
          migrations: [...earlier.migrations, { addSegments: { ...SEGMENTS, size: 3 } }],
        });
        await applyChanges(later, records.slice(0, 3));
        const figures = { n: { function: 'count' }, total: { function: 'sum', column: 'score' } } as const;
        expect(await later.aggregate({ groupBy: ['name'], figures })).toEqual([
          { name: 'x', n: 12, total: 6 },
        ]);
      }),
    );

    test.each<[string, Partial<SegmentsDefinition>]>([
      ['a time that is no integer', { time: 'score' }],
      ['an unknown column', { columns: ['colour'] }],
      ['no size', { size: 0 }],
      ['a size that is too large', { size: 100_000 }],
    ])('with %s are refused', (_, part) =>
      withStore(async (store) => {
        expect(() => store.collection(withSegments('packed', { ...SEGMENTS, ...part }))).toThrow(
          expect.objectContaining({ code: 'BAD_REQUEST' }),
        );
      })(),
    );
  });
};
