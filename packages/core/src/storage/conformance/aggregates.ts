import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AggregateQuery } from '../record-store.js';
import { scaleMiddle, scaleStep } from '../value-scale.js';
import { SAMPLES, type Sample, sample, samplesIn, type WithStore } from './sample.js';

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

const PERCENTILE = { function: 'percentile', column: 'score', scale: 'logarithmic', percent: 50 } as const;

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
  ['a percentile of text', { figures: { n: { ...PERCENTILE, column: 'name' } } }],
  ['a percentile of no percentage', { figures: { n: { ...PERCENTILE, percent: 0 } } }],
  ['a percentile beyond the whole', { figures: { n: { ...PERCENTILE, percent: 100.001 } } }],
  ['a percentile with too many decimals', { figures: { n: { ...PERCENTILE, percent: 99.9999 } } }],
  ['a percentile of no scale', { figures: { n: { ...PERCENTILE, scale: undefined } } }],
  ['a percentile with a filter', { figures: { n: { ...PERCENTILE, where: { name: 'x' } } } }],
  [
    'a filter of a figure on an unknown column',
    { figures: { n: { function: 'count', where: { colour: 1 } } } },
  ],
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
      'a figure can be about some of the records, and groups without any stay',
      withStore(async (store) => {
        const where = { flag: true } as const;
        const figures = {
          rows: { function: 'count' },
          flagged: { function: 'count', where },
          scored: { function: 'count', column: 'score', where },
          sum: { function: 'sum', column: 'score', where },
          total: { function: 'total', column: 'score', where },
          mean: { function: 'average', column: 'score', where: { at: { before: 2 } } },
          most: { function: 'maximum', column: 'at', where: { name: { in: ['x', null] } } },
          listed: { function: 'count', where: { data: { includes: 'fold' } } },
        } as const;
        const rows = [...ROWS, sample('e', { name: 'y', data: ['fold'] })];
        expect(await samplesIn(store, rows).aggregate({ groupBy: ['name'], figures })).toEqual([
          { name: null, rows: 1, flagged: 0, scored: 0, sum: null, total: 0, mean: null, most: 4, listed: 0 },
          { name: 'x', rows: 2, flagged: 1, scored: 1, sum: 0.5, total: 0.5, mean: 0.5, most: 2, listed: 0 },
          {
            name: 'y',
            rows: 2,
            flagged: 1,
            scored: 0,
            sum: null,
            total: 0,
            mean: null,
            most: null,
            listed: 1,
          },
        ]);
      }),
    );

    test(
      'the least and the most of text are what was put, a NUL included',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a', { name: 'a\0b' }), sample('b', { name: '\uffff' })]);
        const figures = {
          least: { function: 'minimum', column: 'name' },
          most: { function: 'maximum', column: 'name' },
        } as const;
        expect(await collection.aggregate({ figures })).toEqual([{ least: 'a\0b', most: '\uffff' }]);
      }),
    );

    test(
      'percentiles are the nearest rank, within 1.6 % of it, nulls left out',
      withStore(async (store) => {
        const slow = Array.from({ length: 200 }, (_, index) =>
          sample(`s${index}`, { name: 'slow', score: 7 * (200 - index), at: index }),
        );
        const rows = [...slow, ...ROWS, sample('e', { name: 'slow' })];
        const figures = {
          least: { ...PERCENTILE, percent: 0.001 },
          p7: { ...PERCENTILE, percent: 7 },
          p50: PERCENTILE,
          p999: { ...PERCENTILE, percent: 99.9 },
          most: { ...PERCENTILE, percent: 100 },
          scored: { function: 'count', column: 'score' },
          last: { function: 'maximum', column: 'at' },
          timed: { function: 'percentile', column: 'at', scale: 'logarithmic', percent: 100 },
          mean: { function: 'average', column: 'score' },
        } as const;
        const [none, found, x, y] = await samplesIn(store, rows).aggregate({ groupBy: ['name'], figures });
        expect(found).toMatchObject({ scored: 200, last: 199, mean: 703.5 });
        const within = (value: unknown, exact: number): void =>
          expect(Math.abs(Number(value) / exact - 1)).toBeLessThan(0.016);
        within(found?.['least'], 7);
        within(found?.['p7'], 98);
        within(found?.['p50'], 700);
        within(found?.['p999'], 1400);
        within(found?.['most'], 1400);
        within(found?.['timed'], 199);
        expect(none).toMatchObject({ p50: 1 / 64, scored: 1 });
        expect(x?.['p50']).toBeCloseTo(0.5, 1);
        expect(y).toEqual({
          name: 'y',
          least: null,
          p7: null,
          p50: null,
          p999: null,
          most: null,
          scored: 0,
          last: 3,
          timed: 3 + 1 / 32,
          mean: null,
        });
      }),
    );

    test(
      'percentiles are those of the sorted values, whatever they are',
      withStore(async (store) => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.double({ min: -10, max: 1e10, noNaN: true }), { minLength: 1, maxLength: 60 }),
            fc.integer({ min: 1, max: 100_000 }),
            async (values, thousandths) => {
              round += 1;
              const name = `sorted_${round}`;
              const collection = store.collection<Sample>({ ...SAMPLES, name });
              for (const [index, score] of values.entries()) collection.put(sample(`r${index}`, { score }));
              const rank = Math.ceil((values.length * thousandths) / 100_000);
              const exact = values.toSorted((left, right) => left - right)[rank - 1] ?? 0;
              const figures = { found: { ...PERCENTILE, percent: thousandths / 1_000 } } as const;
              expect(await collection.aggregate({ figures })).toEqual([
                { found: scaleMiddle(scaleStep(exact)) },
              ]);
            },
          ),
          { numRuns: 50 },
        );
      }),
    );

    test(
      'percentiles of nothing at all are null',
      withStore(async (store) => {
        const figures = { rows: { function: 'count' }, p50: PERCENTILE } as const;
        expect(await samplesIn(store).aggregate({ figures })).toEqual([{ rows: 0, p50: null }]);
        expect(await samplesIn(store).aggregate({ figures, groupBy: ['name'] })).toEqual([]);
      }),
    );

    test(
      'percentiles are found within ranges and by entries',
      withStore(async (store) => {
        const rows = Array.from({ length: 40 }, (_, index) =>
          sample(`s${index}`, {
            at: index,
            score: 2 ** (index % 10),
            data: { a: 1, ...(index % 2 === 0 && { b: 2 }) },
          }),
        );
        const figures = { p50: PERCENTILE, most: { ...PERCENTILE, percent: 100 } } as const;
        const collection = samplesIn(store, rows);
        const step = (value: number): number => value * (1 + 1 / 64);
        expect(
          await collection.aggregate({ groupBy: [{ column: 'at', bounds: [0, 5, 20] }], figures }),
        ).toEqual([
          { at: 0, p50: step(4), most: step(16) },
          { at: 5, p50: step(64), most: step(512) },
        ]);
        expect(await collection.aggregate({ groupBy: [{ column: 'data', each: 'entry' }], figures })).toEqual(
          [
            { data: 'a', p50: step(16), most: step(512) },
            { data: 'b', p50: step(16), most: step(256) },
          ],
        );
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
