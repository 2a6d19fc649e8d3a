import type { ColumnType } from '../../record-store.js';
import type { ColumnValues } from './column-values.js';
import { packNumbers, readNumbers } from './packed-numbers.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let length = 0;
  for (const part of parts) {
    bytes.set(part, length);
    length += part.length;
  }
  return bytes;
};

// Texts come last: they are of any length.
const packTexts = (texts: readonly string[]): Uint8Array => encoder.encode(JSON.stringify(texts));

/** Of bytes that are kept for the next query. */
const knownTexts = new WeakMap<Uint8Array, readonly string[]>();

const readTexts = (bytes: Uint8Array, offset: number): readonly string[] => {
  const known = knownTexts.get(bytes);
  if (known !== undefined) return known;
  const texts = JSON.parse(decoder.decode(bytes.subarray(offset))) as readonly string[];
  knownTexts.set(bytes, texts);
  return texts;
};

/** The values of a column for `count` records as bytes. */
export const packColumn = (column: ColumnValues, count: number): Uint8Array => {
  switch (column.kind) {
    case 'numbers':
      return packNumbers(column.values, count);
    case 'texts':
      return join([packNumbers(column.codes, count), packTexts(column.texts)]);
    case 'items':
      return join([
        packNumbers(column.codes, count),
        packNumbers(column.starts, column.starts.length),
        packNumbers(column.names, column.names.length),
        packNumbers(column.values, column.values.length),
        packTexts(column.texts),
      ]);
  }
};

/** Arrays that are used again for every segment. */
const createScratch = () => {
  let numbers: Float64Array = new Float64Array(0);
  let codes: Uint32Array = new Uint32Array(0);
  return {
    numbers(count: number): Float64Array {
      if (numbers.length < count) numbers = new Float64Array(count);
      return numbers;
    },
    codes(count: number): Uint32Array {
      if (codes.length < count) codes = new Uint32Array(count);
      return codes;
    },
  };
};

/** Reads the bytes of a column, of one segment after the other. What it returned before is no longer right then. */
export type ColumnUnpacker = (bytes: Uint8Array) => ColumnValues;

const codesAt = (bytes: Uint8Array, offset: number, target?: (count: number) => Uint32Array) => {
  const list = readNumbers(bytes, offset);
  const codes = target?.(list.count) ?? new Uint32Array(list.count);
  list.readCodesInto(codes);
  return { codes, end: list.end };
};

/** @param type - that of the column */
export const createColumnUnpacker = (type: ColumnType): ColumnUnpacker => {
  const scratch = createScratch();
  const numbersAt = (bytes: Uint8Array, offset: number) => {
    const list = readNumbers(bytes, offset);
    if (list.asTheyAre !== undefined) return { list, values: list.asTheyAre };
    const values = scratch.numbers(list.count);
    list.readInto(values);
    return { list, values };
  };
  if (type === 'text') {
    return (bytes) => {
      const { codes, end } = codesAt(bytes, 0, scratch.codes);
      return { kind: 'texts', codes, texts: readTexts(bytes, end) };
    };
  }
  if (type === 'json') {
    return (bytes) => {
      const codes = codesAt(bytes, 0, scratch.codes);
      const starts = codesAt(bytes, codes.end);
      const names = codesAt(bytes, starts.end);
      const { list, values } = numbersAt(bytes, names.end);
      const texts = readTexts(bytes, list.end);
      return { kind: 'items', codes: codes.codes, starts: starts.codes, names: names.codes, values, texts };
    };
  }
  return (bytes) => {
    const { list, values } = numbersAt(bytes, 0);
    return { kind: 'numbers', values, hasNulls: list.hasNulls };
  };
};
