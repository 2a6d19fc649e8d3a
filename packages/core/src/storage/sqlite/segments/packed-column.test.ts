import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../record-store.js';
import type { StoredValue } from '../../stored-value.js';
import { type ColumnValues, createColumnGatherer } from './column-values.js';
import { createColumnUnpacker, packColumn } from './packed-column.js';
import { packNumbers } from './packed-numbers.js';

const gather = (type: ColumnType, values: readonly StoredValue[]): ColumnValues => {
  const gatherer = createColumnGatherer(type, values.length);
  for (const value of values) gatherer.add(value);
  return gatherer.take();
};

/** Packs values and reads them again. */
const again = (type: ColumnType, values: readonly StoredValue[]): ColumnValues =>
  createColumnUnpacker(type)(packColumn(gather(type, values), values.length));

const numbersIn = (column: ColumnValues, count: number): readonly StoredValue[] =>
  column.kind === 'numbers'
    ? Array.from(column.values.subarray(0, count), (value) => (Number.isNaN(value) ? null : value))
    : [];

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 4 });

describe('a packed column', () => {
  const whole = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: -300, max: 70_000 }),
    fc.maxSafeInteger(),
    fc.constantFrom(0, 254, 255, 256, 65_534, 65_535, 65_536, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32),
  );
  const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

  test.each([
    ['whole numbers', whole],
    ['numbers', fc.oneof(real, whole)],
  ])('has the same %s and nulls', (_, number) => {
    fc.assert(
      fc.property(fc.array(maybe(number), { maxLength: 60 }), (values) => {
        const column = again('real', values);
        expect(numbersIn(column, values.length)).toEqual(values);
        expect(column.kind === 'numbers' && column.hasNulls).toBe(values.includes(null));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['nothing for a number that is always the same', [7, 7, 7, 7], 0],
    ['nothing for nulls alone', [null, null], 0],
    ['a byte for small distances', [1_000_000, 1_000_255], 1],
    ['two where nulls leave no room', [0, 255, null], 2],
    ['four for times', [1_795_000_000_000, 1_795_200_000_000], 4],
    ['eight for fractions', [0.5, 1], 8],
  ])('takes %s', (_, values, bytes) => {
    const column = gather('real', values);
    const length = column.kind === 'numbers' ? packNumbers(column.values, values.length).length : 0;
    expect(length).toBe(16 + 8 * Math.ceil((bytes * values.length) / 8));
  });

  test('has the same texts and nulls', () => {
    fc.assert(
      fc.property(
        fc.array(maybe(fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 400 }),
        (values) => {
          const column = again('text', values);
          const found = column.kind === 'texts' ? column : undefined;
          const texts = values.map((__, index) => {
            const code = found?.codes[index] ?? 0;
            return code === 0 ? null : found?.texts[code - 1];
          });
          expect(texts).toEqual(values);
        },
      ),
    );
  });

  test('has the texts of lists and the numbers of objects', () => {
    const lists = fc.array(fc.constantFrom('a', 'b"', '', '\u{1F600}'), { maxLength: 3 });
    const objects = fc.dictionary(fc.constantFrom('a', 'fold', ''), fc.oneof(real, whole), { maxKeys: 3 });
    fc.assert(
      fc.property(fc.array(maybe(fc.oneof(lists, objects)), { maxLength: 40 }), (values) => {
        const column = again(
          'json',
          values.map((value) => value && JSON.stringify(value)),
        );
        const {
          codes,
          starts,
          names,
          values: numbers,
          texts,
        } = column.kind === 'items' ? column : expect.fail();
        const found = values.map((__, index) => {
          const code = codes[index] ?? 0;
          if (code === 0) return null;
          const places = Array.from(numbers.keys()).slice(starts[code - 1], starts[code]);
          return places.map((place) => [texts[names[place] ?? 0], numbers[place]]);
        });
        const wanted = values.map((value) => {
          if (value === null) return null;
          return Array.isArray(value) ? value.map((text) => [text, Number.NaN]) : Object.entries(value);
        });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });

  test('of one segment after the other is read with the same arrays', () => {
    const unpack = createColumnUnpacker('integer');
    const [long, short] = [
      [1, 2, 300, null, 5],
      [70, null],
    ];
    for (const values of [short, long, short]) {
      expect(numbersIn(unpack(packColumn(gather('integer', values), values.length)), values.length)).toEqual(
        values,
      );
    }
  });
});
