import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordFilter } from '../record-store.js';
import { idsOf, SAMPLES, type Sample, sample, samplesIn, type WithStore } from './sample.js';

const ROWS: readonly Sample[] = [
  sample('a', { at: 10, name: 'ann', score: 0.5, flag: true }),
  sample('b', { at: 20, name: 'bob', score: 1.5, flag: false, data: ['x', 'y', 7] }),
  sample('c', { at: 30, name: 'ann', score: null, flag: true, data: ['x'] }),
  sample('d', { at: null, name: null, score: -2, flag: null, data: { x: 'secret' } }),
  sample('e', { at: 40, name: '\u{1F600}', score: 3, data: ['abc', '"x", "y"\\\u{1F600}'] }),
  sample('f', { at: 50, name: '\uFFFD', score: 4, data: 'x' }),
];

const FILTERS: readonly (readonly [title: string, where: RecordFilter, ids: readonly string[]])[] = [
  ['an equal text', { name: 'ann' }, ['a', 'c']],
  ['an equal number', { at: 20 }, ['b']],
  ['a boolean', { flag: false }, ['b']],
  ['null', { name: null }, ['d']],
  ['several conditions at once', { name: 'ann', at: 30 }, ['c']],
  ['a list', { name: { in: ['bob', 'nobody'] } }, ['b']],
  ['a list with null', { name: { in: ['bob', null] } }, ['b', 'd']],
  ['a list of booleans', { flag: { in: [true, false] } }, ['a', 'b', 'c']],
  ['an empty list', { name: { in: [] } }, []],
  ['a range whose start is included and whose end is not', { at: { from: 20, before: 40 } }, ['b', 'c']],
  ['a bound with a fraction on whole numbers', { at: { from: 29.5, before: 30.5 } }, ['c']],
  ['a range that leaves nulls out', { score: { before: 1 } }, ['a', 'd']],
  ['a range of text by code points', { name: { from: '\uFFFD' } }, ['e', 'f']],
  ['a range of text that ends before a code point', { name: { before: '\u{1F600}' } }, ['a', 'b', 'c', 'f']],
  ['a list and a range', { at: { in: [10, 20, 30], from: 20 } }, ['b', 'c']],
  ['an entry without conditions', { at: {} }, ['a', 'b', 'c', 'd', 'e', 'f']],
  ['a text that a list of JSON has', { data: { includes: 'x' } }, ['b', 'c']],
  ['a text with quotes that a list of JSON has', { data: { includes: '"x", "y"\\\u{1F600}' } }, ['e']],
  ['a text that is only a part of one', { data: { includes: 'b' } }, []],
  ['a text that is a value of an object', { data: { includes: 'secret' } }, []],
  ['text that would be SQL if it were not a value', { name: "ann' OR '1'='1" }, []],
];

const BAD_FILTERS: readonly (readonly [title: string, where: object])[] = [
  ['an unknown column', { colour: 'red' }],
  ['a column name that is SQL', { 'id" IS NOT NULL --': 1 }],
  ['a column of JSON', { data: 'x' }],
  ['what a text includes', { name: { includes: 'a' } }],
  ['a list of JSON that includes a number', { data: { includes: 7 } }],
  ['what a list includes together with another condition', { data: { includes: 'x', from: 1 } }],
  ['a value of another type', { name: 5 }],
  ['a range of booleans', { flag: { from: 0 } }],
  ['an operator that does not exist', { name: { like: 'a%' } }],
  ['undefined, which would match everything by accident', { name: undefined }],
  ['a list that is too long', { name: { in: Array.from({ length: 1001 }, String) } }],
];

const filters: fc.Arbitrary<RecordFilter> = fc.record(
  {
    name: fc.oneof(
      fc.constantFrom('x', 'y', null),
      fc.record({ in: fc.array(fc.constantFrom('x', 'y', 'z', null)) }, { requiredKeys: [] }),
    ),
    at: fc.record(
      { from: fc.integer({ min: 0, max: 9 }), before: fc.integer({ min: 0, max: 9 }) },
      { requiredKeys: [] },
    ),
    flag: fc.constantFrom(true, false, null),
  },
  { requiredKeys: [] },
);

const contents = fc.array(
  fc.record({
    name: fc.constantFrom('x', 'y', 'z', null),
    at: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
    flag: fc.constantFrom(true, false, null),
  }),
  { maxLength: 20 },
);

// The meaning of a filter, written down a second time and as plainly as can be.
const holds = (row: Sample, where: RecordFilter): boolean =>
  Object.entries(where).every(([column, entry]) => {
    const value = row[column as keyof Sample] as string | number | boolean | null;
    if (typeof entry !== 'object' || entry === null) return value === entry;
    if (entry.in !== undefined && !entry.in.includes(value)) return false;
    if (entry.from !== undefined && !(value !== null && value >= entry.from)) return false;
    return entry.before === undefined || (value !== null && value < entry.before);
  });

/** Filters find exactly what they describe. */
export const describeQueries = (withStore: WithStore): void => {
  describe('filters', () => {
    test.each(FILTERS)('find by %s', (_, where, ids) =>
      withStore(async (store) => {
        const collection = samplesIn(store, ROWS);
        expect(idsOf(await collection.find({ where, order: 'oldest' }))).toEqual(ids);
      })(),
    );

    test.each(BAD_FILTERS)('refuse %s', (_, where) =>
      withStore(async (store) => {
        const collection = samplesIn(store, ROWS);
        const query = { where: where as RecordFilter };
        const refusal = expect.objectContaining({ code: 'BAD_REQUEST' });
        await expect(collection.find(query)).rejects.toEqual(refusal);
        await expect(
          collection.aggregate({ ...query, figures: { n: { function: 'count' } } }),
        ).rejects.toEqual(refusal);
      })(),
    );

    test(
      'find the records that a plain reading of the filter finds',
      withStore(async (store) => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(contents, filters, async (entries, where) => {
            round += 1;
            const collection = store.collection<Sample>({ ...SAMPLES, name: `samples_${round}` });
            const rows = entries.map((entry, index) => sample(`r${String(index).padStart(2, '0')}`, entry));
            for (const row of rows) collection.put(row);
            const expected = rows.filter((row) => holds(row, where));
            expect((await collection.find({ where, order: 'oldest' })).rows).toEqual(expected);
            const counted = await collection.aggregate({ where, figures: { n: { function: 'count' } } });
            expect(counted).toEqual([{ n: expected.length }]);
          }),
          { numRuns: 40 },
        );
      }),
    );
  });
};
