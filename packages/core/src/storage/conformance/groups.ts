import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AggregateQuery, GroupKey } from '../record-store.js';
import { type Sample, sample, samplesIn, type WithStore } from './sample.js';

const ROWS: readonly Sample[] = [
  sample('a', { name: 'x', at: 10, score: 1000, data: { fold: 3, trim: 0.5 } }),
  sample('b', { name: 'x', at: 19, score: 1001, data: { fold: 4 } }),
  sample('c', { name: 'y', at: 20, score: 2000, data: {} }),
  sample('d', { at: 39, score: 0, data: ['fold'] }),
  sample('e', { name: 'y', at: 40, data: { trim: -1, note: 'text', none: null } }),
  sample('f', { score: -5, data: 'fold' }),
];

const N: AggregateQuery['figures'] = { n: { function: 'count' } };

const BAD_GROUPS: readonly (readonly [title: string, groupBy: readonly unknown[]])[] = [
  ['bounds that do not rise', [{ column: 'at', bounds: [1, 1] }]],
  ['a single bound', [{ column: 'at', bounds: [1] }]],
  ['bounds with a fraction', [{ column: 'at', bounds: [1, 2.5] }]],
  ['too many bounds', [{ column: 'at', bounds: Array.from({ length: 10_002 }, (_, index) => index) }]],
  ['bounds on text', [{ column: 'name', bounds: [1, 2] }]],
  [
    'two lists of bounds',
    [
      { column: 'at', bounds: [1, 2] },
      { column: 'score', bounds: [1, 2] },
    ],
  ],
  ['a column as it is and by bounds', ['at', { column: 'at', bounds: [1, 2] }]],
  ['a scale of text', [{ column: 'name', scale: 'logarithmic' }]],
  ['a scale that does not exist', [{ column: 'score', scale: 'linear' }]],
  ['entries of numbers', [{ column: 'score', each: 'entry' }]],
  ['an object without meaning', [{ column: 'score' }]],
];

/** What can be grouped by besides the values of a column. */
export const describeGroups = (withStore: WithStore): void => {
  describe('groups', () => {
    test(
      'by ranges begin at a bound, end before the next, and leave out what is in none',
      withStore(async (store) => {
        const groupBy: GroupKey[] = [{ column: 'at', bounds: [10, 20, 30, 40] }];
        const figures = { ...N, total: { function: 'sum', column: 'score' } } as const;
        expect(await samplesIn(store, ROWS).aggregate({ groupBy, figures })).toEqual([
          { at: 10, n: 2, total: 2001 },
          { at: 20, n: 1, total: 2000 },
          { at: 30, n: 1, total: 0 },
        ]);
      }),
    );

    test(
      'by ranges of real numbers, with another column and a filter',
      withStore(async (store) => {
        const groupBy: GroupKey[] = ['name', { column: 'score', bounds: [-10, 0, 1001] }];
        const query = { groupBy, figures: N, where: { at: { from: 10, before: 39 } } };
        expect(await samplesIn(store, ROWS).aggregate(query)).toEqual([{ name: 'x', score: 0, n: 1 }]);
      }),
    );

    test(
      'by magnitude stand for their values within 1.6 %',
      withStore(async (store) => {
        const rows = await samplesIn(store, ROWS).aggregate({
          groupBy: [{ column: 'score', scale: 'logarithmic' }],
          figures: N,
        });
        expect(rows.map(({ n }) => n)).toEqual([1, 2, 2, 1]);
        const [none, least, thousand, most] = rows.map(({ score }) => score);
        expect(none).toBeNull();
        expect(least).toBe(1 / 64);
        expect(Math.abs(Number(thousand) / 1000.5 - 1)).toBeLessThan(0.016);
        expect(Math.abs(Number(most) / 2000 - 1)).toBeLessThan(0.016);
      }),
    );

    test(
      'by magnitude are right for every number',
      withStore(async (store) => {
        const collection = samplesIn(store);
        const number = fc.oneof(
          fc.double({ min: 0, max: 1e9, noNaN: true }),
          fc.integer({ min: 0, max: 31 }).map((power) => 2 ** power),
          fc.integer({ min: 0, max: 30 }).map((power) => 2 ** power - 2 ** (power - 50)),
        );
        await fc.assert(
          fc.asyncProperty(number, async (score) => {
            collection.put(sample('a', { score }));
            const groupBy: GroupKey[] = [{ column: 'score', scale: 'logarithmic' }];
            const [row] = await collection.aggregate({ groupBy, figures: N });
            const error = Math.abs(Number(row?.['score']) - score);
            expect(error).toBeLessThanOrEqual(Math.max(score * 0.016, 1 / 64));
          }),
          { numRuns: 60 },
        );
      }),
    );

    test(
      'by the entries of objects add up their numbers',
      withStore(async (store) => {
        const figures = {
          ...N,
          total: { function: 'sum', column: 'data' },
          mean: { function: 'average', column: 'data' },
        } as const;
        expect(
          await samplesIn(store, ROWS).aggregate({ groupBy: [{ column: 'data', each: 'entry' }], figures }),
        ).toEqual([
          { data: 'fold', n: 2, total: 7, mean: 3.5 },
          { data: 'trim', n: 2, total: -0.5, mean: -0.25 },
        ]);
      }),
    );

    test.each(BAD_GROUPS)('by %s are refused', (_, groupBy) =>
      withStore(async (store) => {
        const refused = samplesIn(store, ROWS).aggregate({ groupBy: groupBy as GroupKey[], figures: N });
        await expect(refused).rejects.toEqual(expect.objectContaining({ code: 'BAD_REQUEST' }));
      })(),
    );
  });
};
