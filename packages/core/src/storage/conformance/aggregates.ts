import { describe, expect, test } from 'vitest';
import type { AggregateQuery } from '../record-store.js';
import { type Sample, sample, samplesIn, type WithStore } from './sample.js';

const ROWS: readonly Sample[] = [
  sample('a', { name: 'x', at: 1, score: 0.5, flag: true, data: [] }),
  sample('b', { name: 'x', at: 2, score: 1.25, flag: false }),
  sample('c', { name: 'y', at: 3, flag: true }),
  sample('d', { at: 4, score: -1 }),
];

const FIGURES: AggregateQuery['figures'] = {
  rows: { function: 'count' },
  scored: { function: 'count', column: 'score' },
  total: { function: 'sum', column: 'score' },
  whole: { function: 'total', column: 'score' },
  mean: { function: 'average', column: 'score' },
  least: { function: 'minimum', column: 'score' },
  most: { function: 'maximum', column: 'score' },
};

const BAD_QUERIES: readonly (readonly [title: string, query: object])[] = [
  ['an unknown column to group by', { groupBy: ['colour'], figures: FIGURES }],
  ['a column name that is SQL', { groupBy: ['id", (SELECT 1) AS "x'], figures: FIGURES }],
  ['a column of JSON to group by', { groupBy: ['data'], figures: FIGURES }],
  ['an unknown column in a figure', { figures: { n: { function: 'sum', column: 'colour' } } }],
  ['a sum of text', { figures: { n: { function: 'sum', column: 'name' } } }],
  ['a minimum of booleans', { figures: { n: { function: 'minimum', column: 'flag' } } }],
  ['a function that does not exist', { figures: { n: { function: 'median', column: 'score' } } }],
  [
    'a figure named like a column of the group',
    { groupBy: ['name'], figures: { name: { function: 'count' } } },
  ],
  ['no figure', { figures: {} }],
];

/** Figures are right, nulls and empty groups included. */
export const describeAggregates = (withStore: WithStore): void => {
  describe('aggregates', () => {
    test(
      'count, sum, average, minimum and maximum leave nulls out',
      withStore(async (store) => {
        expect(await samplesIn(store, ROWS).aggregate({ figures: FIGURES })).toEqual([
          { rows: 4, scored: 3, total: 0.75, whole: 0.75, mean: 0.25, least: -1, most: 1.25 },
        ]);
      }),
    );

    test(
      'nothing at all is one row of zero counts and nulls, and no group',
      withStore(async (store) => {
        const collection = samplesIn(store);
        expect(await collection.aggregate({ figures: FIGURES })).toEqual([
          { rows: 0, scored: 0, total: null, whole: 0, mean: null, least: null, most: null },
        ]);
        expect(await collection.aggregate({ figures: FIGURES, groupBy: ['name'] })).toEqual([]);
      }),
    );

    test(
      'groups come in the order of their values, null first',
      withStore(async (store) => {
        const figures = { n: { function: 'count' }, total: { function: 'sum', column: 'score' } } as const;
        expect(await samplesIn(store, ROWS).aggregate({ groupBy: ['name'], figures })).toEqual([
          { name: null, n: 1, total: -1 },
          { name: 'x', n: 2, total: 1.75 },
          { name: 'y', n: 1, total: null },
        ]);
      }),
    );

    test(
      'several columns group together, and booleans stay booleans',
      withStore(async (store) => {
        const query = { groupBy: ['name', 'flag'], figures: { n: { function: 'count' } } } as const;
        expect(await samplesIn(store, ROWS).aggregate(query)).toEqual([
          { name: null, flag: null, n: 1 },
          { name: 'x', flag: false, n: 1 },
          { name: 'x', flag: true, n: 1 },
          { name: 'y', flag: true, n: 1 },
        ]);
      }),
    );

    test(
      'a filter decides what is counted',
      withStore(async (store) => {
        const query = { where: { at: { from: 2 } }, figures: { n: { function: 'count' } } } as const;
        expect(await samplesIn(store, ROWS).aggregate(query)).toEqual([{ n: 3 }]);
      }),
    );

    test(
      'the least and the most of text go by code points, and JSON can be counted',
      withStore(async (store) => {
        const figures = {
          first: { function: 'minimum', column: 'name' },
          last: { function: 'maximum', column: 'name' },
          lists: { function: 'count', column: 'data' },
        } as const;
        const rows = [...ROWS, sample('e', { name: '\uFFFD' }), sample('f', { name: '\u{1F600}' })];
        expect(await samplesIn(store, rows).aggregate({ figures })).toEqual([
          { first: 'x', last: '\u{1F600}', lists: 1 },
        ]);
      }),
    );

    test(
      'a sum of large whole numbers does not overflow',
      withStore(async (store) => {
        const rows = Array.from({ length: 1100 }, (_, index) =>
          sample(`r${index}`, { at: Number.MAX_SAFE_INTEGER }),
        );
        const figures = { total: { function: 'sum', column: 'at' } } as const;
        const [row] = await samplesIn(store, rows).aggregate({ figures });
        expect(Number(row?.['total']) / (1100 * Number.MAX_SAFE_INTEGER)).toBeCloseTo(1, 9);
      }),
    );

    test.each(BAD_QUERIES)('%s is refused', (_, query) =>
      withStore(async (store) => {
        const refused = samplesIn(store, ROWS).aggregate(query as AggregateQuery);
        await expect(refused).rejects.toEqual(expect.objectContaining({ code: 'BAD_REQUEST' }));
      })(),
    );
  });
};
