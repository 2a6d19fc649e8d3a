import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLES, type Sample, sample, samplesIn, type WithStore } from './sample.js';

const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });

// JSON has no -0, so a round trip cannot keep it.
const throughJson = (value: unknown): Sample['data'] => JSON.parse(JSON.stringify(value));

const samples: fc.Arbitrary<Sample> = fc.record({
  id: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  at: orNull(fc.maxSafeInteger()),
  name: orNull(fc.string({ unit: 'binary' })),
  score: orNull(fc.double({ noNaN: true, noDefaultInfinity: true })),
  flag: orNull(fc.boolean()),
  data: fc.jsonValue().map(throughJson),
});

const withoutNegativeZero = (row: Sample): Sample => ({ ...row, score: row.score === 0 ? 0 : row.score });

/** Records come back as they were put. */
export const describeRecords = (withStore: WithStore): void => {
  describe('records', () => {
    test(
      'every record comes back with the values that it was put with',
      withStore(async (store) => {
        const collection = samplesIn(store);
        await fc.assert(
          fc.asyncProperty(fc.array(samples, { maxLength: 8 }), async (rows) => {
            for (const row of rows) collection.put(row);
            const latest = new Map(rows.map((row) => [row.id, row]));
            for (const [id, row] of latest) {
              expect(await collection.get(id)).toEqual(withoutNegativeZero(row));
            }
          }),
          { numRuns: 60 },
        );
      }),
    );

    test(
      'text may hold a NUL, anywhere',
      withStore(async (store) => {
        const rows = ['\0', 'a\0b', '\uffff0', '\uffff1\0', '\uffff'].map((text) =>
          sample(text, { name: text }),
        );
        const collection = samplesIn(store, rows);
        for (const row of rows) {
          expect(await collection.get(row.id)).toEqual(row);
          expect((await collection.find({ where: { name: row.name } })).rows).toEqual([row]);
        }
      }),
    );

    test(
      'half of a character, which no UTF-8 can hold, is kept as U+FFFD, in JSON too',
      withStore(async (store) => {
        // Labels are often cut off at some length.
        const half = '\u{1F600}'.slice(0, 1);
        const data = [`ab${half}`, '\\ud83d', `"\\${half}`];
        const collection = samplesIn(store, [sample('a', { name: half, data })]);
        const kept = sample('a', { name: '\ufffd', data: ['ab\ufffd', '\\ud83d', '"\\\ufffd'] });
        expect(await collection.get('a')).toEqual(kept);
        for (const includes of [...data, 'ab\ufffd']) {
          expect((await collection.find({ where: { data: { includes } } })).rows).toEqual([kept]);
        }
        collection.put(sample('b', { data: { [half]: 2 } }));
        const figures = { saved: { function: 'sum', column: 'data' } } as const;
        expect(await collection.aggregate({ groupBy: [{ column: 'data', each: 'entry' }], figures })).toEqual(
          [{ data: '\ufffd', saved: 2 }],
        );
      }),
    );

    test(
      'a record that does not exist is undefined',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a')]);
        expect(await collection.get('b')).toBeUndefined();
      }),
    );

    test(
      'a second record with the same key replaces the first as a whole',
      withStore(async (store) => {
        const collection = samplesIn(store, [
          sample('a', { name: 'one', score: 1 }),
          sample('a', { name: 'two' }),
        ]);
        expect(await collection.get('a')).toEqual(sample('a', { name: 'two' }));
        expect((await collection.find()).rows).toHaveLength(1);
      }),
    );

    test(
      'a record that is removed is gone, and can be put again',
      withStore(async (store) => {
        const collection = samplesIn(store, [sample('a'), sample('b'), sample('c')]);
        collection.remove('b');
        collection.remove('none');
        expect(await collection.get('b')).toBeUndefined();
        expect((await collection.find()).rows).toEqual([sample('c'), sample('a')]);
        collection.put(sample('b', { name: 'again' }));
        expect(await collection.get('b')).toEqual(sample('b', { name: 'again' }));
        await collection.flush();
        expect((await collection.find()).rows).toHaveLength(3);
      }),
    );

    test(
      'a record that its owner changes after putting it stays as it was put',
      withStore(async (store) => {
        const collection = samplesIn(store);
        const row = { ...sample('a', { name: 'before' }), data: { list: [1] } };
        collection.put(row);
        row.name = 'after';
        row.data.list.push(2);
        expect(await collection.get('a')).toEqual(sample('a', { name: 'before', data: { list: [1] } }));
      }),
    );

    test(
      'a field that is missing or undefined comes back as null',
      withStore(async (store) => {
        const collection = store.collection<object>(SAMPLES);
        collection.put({ id: 'a', name: undefined });
        expect(await collection.get('a')).toEqual(sample('a'));
      }),
    );

    test.each([
      ['no key', { name: 'x' }],
      ['an empty key', { id: '' }],
      ['an unknown column', { id: 'a', colour: 'red' }],
      ['text in a number', { id: 'a', at: '12' }],
      ['a fraction in an integer', { id: 'a', at: 1.5 }],
      ['a number that is not finite', { id: 'a', score: Number.NaN }],
      ['a number in a boolean', { id: 'a', flag: 1 }],
      ['a value that JSON cannot hold', { id: 'a', data: 1n }],
    ])('a record with %s is refused at once', (_, row) =>
      withStore(async (store) => {
        const collection = store.collection<object>(SAMPLES);
        expect(() => collection.put(row)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
        expect((await collection.find()).rows).toEqual([]);
      })(),
    );
  });
};
