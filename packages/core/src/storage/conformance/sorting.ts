import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordQuery } from '../record-store.js';
import { idsOf, SAMPLES, type Sample, sample, samplesIn, type WithStore } from './sample.js';

const ROWS: readonly Sample[] = [
  sample('a', { at: 3, name: 'x', score: 2 }),
  sample('b', { at: 1, name: '\uFFFD', score: 0.1 + 0.2 }),
  sample('c', { at: 2, name: '\u{1F600}\0', score: 2 }),
  sample('d', { name: 'x', score: -1e-7 }),
];

const BAD_QUERIES: readonly (readonly [title: string, query: object])[] = [
  ['an unknown column', { orderBy: 'colour' }],
  ['a column of JSON', { orderBy: 'data' }],
  ['a cursor of another order', { orderBy: 'at', cursor: 'a' }],
  ['a cursor that someone made up', { orderBy: 'at', cursor: '["now","a"]' }],
];

const numbers = fc.option(fc.integer({ min: -3, max: 3 }), { nil: null });

/** Pages in the order of a column. */
export const describeSorting = (withStore: WithStore): void => {
  describe('an order by a column', () => {
    test.each<[string, RecordQuery, readonly string[]]>([
      ['falling', { orderBy: 'at' }, ['a', 'c', 'b']],
      ['rising', { orderBy: 'at', order: 'ascending' }, ['b', 'c', 'a']],
      [
        'rising by key where values are equal',
        { orderBy: 'score', order: 'ascending' },
        ['d', 'b', 'a', 'c'],
      ],
      [
        'falling by key where values are equal',
        { orderBy: 'score', order: 'descending' },
        ['c', 'a', 'b', 'd'],
      ],
      ['by code points', { orderBy: 'name', order: 'ascending' }, ['a', 'd', 'b', 'c']],
      ['of the key itself', { orderBy: 'id', order: 'newest' }, ['d', 'c', 'b', 'a']],
      ['together with a filter', { orderBy: 'score', where: { name: 'x' } }, ['a', 'd']],
    ])('is %s, and leaves nulls out', (_, query, ids) =>
      withStore(async (store) => {
        const collection = samplesIn(store, ROWS);
        expect(idsOf(await collection.find(query))).toEqual(ids);
        const paged: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await collection.find({ ...query, limit: 1, cursor });
          paged.push(...idsOf(page));
          cursor = page.next;
        } while (cursor !== undefined);
        expect(paged).toEqual(ids);
      })(),
    );

    test(
      'gives every record once, page by page',
      withStore(async (store) => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.array(numbers, { maxLength: 20 }),
            fc.integer({ min: 1, max: 4 }),
            fc.boolean(),
            async (values, limit, falling) => {
              round += 1;
              const collection = store.collection<Sample>({ ...SAMPLES, name: `sorted_${round}` });
              const rows = values.map((at, index) => sample(`r${String(index).padStart(2, '0')}`, { at }));
              for (const row of rows) collection.put(row);
              const expected = rows
                .filter(({ at }) => at !== null)
                .sort((left, right) => Number(left.at) - Number(right.at) || (left.id < right.id ? -1 : 1));
              if (falling) expected.reverse();
              const found: Sample[] = [];
              let cursor: string | undefined;
              do {
                const order = falling ? 'descending' : 'ascending';
                const page = await collection.find({ orderBy: 'at', order, limit, cursor });
                found.push(...page.rows);
                cursor = page.next;
              } while (cursor !== undefined);
              expect(found).toEqual(expected);
            },
          ),
          { numRuns: 30 },
        );
      }),
    );

    test.each(BAD_QUERIES)('refuses %s', (_, query) =>
      withStore(async (store) => {
        await expect(samplesIn(store, ROWS).find(query)).rejects.toEqual(
          expect.objectContaining({ code: 'BAD_REQUEST' }),
        );
      })(),
    );
  });
};
