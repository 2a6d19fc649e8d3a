import { fulfils } from '../../match-row.js';
import type { Condition } from '../../query-plan.js';
import type { Batch } from './batch.js';
import type { ColumnValues, ItemValues, NumberValues, TextValues } from './column-values.js';

/** Keeps the places whose code is marked with 1; returns how many there are. */
const keepCodes = (places: Uint32Array, length: number, codes: Uint32Array, marks: Uint8Array): number => {
  let kept = 0;
  for (let index = 0; index < length; index += 1) {
    const place = places[index] ?? 0;
    places[kept] = place;
    kept += marks[codes[place] ?? 0] ?? 0;
  }
  return kept;
};

// Every text is looked at once, however many records have it.
const textMarks = ({ texts }: TextValues, condition: Condition): Uint8Array =>
  Uint8Array.from([null, ...texts], (text) => Number(fulfils(condition, text)));

const itemMarks = ({ starts, names, values, texts }: ItemValues, condition: Condition): Uint8Array => {
  const marks = new Uint8Array(starts.length);
  const name = texts.indexOf(String(condition.kind === 'includes' ? condition.value : ''));
  for (let code = 1; code < starts.length; code += 1) {
    for (let item = starts[code - 1] ?? 0; item < (starts[code] ?? 0); item += 1) {
      // A number belongs to an object, and lists alone are looked into.
      if (names[item] === name && Number.isNaN(values[item])) marks[code] = 1;
    }
  }
  return marks;
};

const keepFrom = (places: Uint32Array, length: number, values: Float64Array, least: number): number => {
  let kept = 0;
  for (let index = 0; index < length; index += 1) {
    const place = places[index] ?? 0;
    places[kept] = place;
    kept += Number((values[place] ?? 0) >= least);
  }
  return kept;
};

const keepBefore = (places: Uint32Array, length: number, values: Float64Array, end: number): number => {
  let kept = 0;
  for (let index = 0; index < length; index += 1) {
    const place = places[index] ?? 0;
    places[kept] = place;
    kept += Number((values[place] ?? 0) < end);
  }
  return kept;
};

const keepAmong = (
  places: Uint32Array,
  length: number,
  { values }: NumberValues,
  condition: Condition,
): number => {
  let kept = 0;
  for (let index = 0; index < length; index += 1) {
    const place = places[index] ?? 0;
    const value = values[place] ?? 0;
    places[kept] = place;
    kept += Number(fulfils(condition, Number.isNaN(value) ? null : value));
  }
  return kept;
};

const keepNumbers = (
  places: Uint32Array,
  length: number,
  column: NumberValues,
  condition: Condition,
): number => {
  if (condition.kind === 'from') return keepFrom(places, length, column.values, Number(condition.value));
  if (condition.kind === 'before') return keepBefore(places, length, column.values, Number(condition.value));
  return keepAmong(places, length, column, condition);
};

const keep = (places: Uint32Array, length: number, column: ColumnValues, condition: Condition): number => {
  switch (column.kind) {
    case 'numbers':
      return keepNumbers(places, length, column, condition);
    case 'texts':
      return keepCodes(places, length, column.codes, textMarks(column, condition));
    case 'items':
      return keepCodes(places, length, column.codes, itemMarks(column, condition));
  }
};

/** Moves the places of the records that fulfil all conditions to the front; returns how many there are. */
const selectPlaces = (
  batch: Batch,
  conditions: readonly Condition[],
  places: Uint32Array,
  length: number,
): number => {
  let left = length;
  for (const condition of conditions) {
    if (left === 0) return 0;
    left = keep(places, left, batch.values(condition.column), condition);
  }
  return left;
};

/** Takes the mark of each place whose record does not fulfil a condition; marks are 1, and 0 where there is none. */
export const unmarkPlaces = (batch: Batch, condition: Condition, marks: Uint8Array): void => {
  const column = batch.values(condition.column);
  if (column.kind === 'numbers') {
    for (let place = 0; place < batch.count; place += 1) {
      const value = column.values[place] ?? 0;
      if (!fulfils(condition, Number.isNaN(value) ? null : value)) marks[place] = 0;
    }
    return;
  }
  const { codes } = column;
  const kept = column.kind === 'texts' ? textMarks(column, condition) : itemMarks(column, condition);
  for (let place = 0; place < batch.count; place += 1) {
    marks[place] = (marks[place] ?? 0) & (kept[codes[place] ?? 0] ?? 0);
  }
};

/** The places of records that fulfil conditions. */
export interface Places {
  readonly places: Uint32Array;
  readonly length: number;
}

/**
 * Finds the records of batches that fulfil all conditions. What it gave is no longer right once it is asked again.
 *
 * @param leftOut - the places of records that do not count, each once
 */
export const createPlaceSelection = (
  conditions: readonly Condition[],
): ((batch: Batch, leftOut?: readonly number[]) => Places) => {
  let places: Uint32Array = new Uint32Array(0);

  const allBut = (count: number, leftOut: readonly number[]): number => {
    if (places.length < count) places = new Uint32Array(count);
    if (leftOut.length === 0) {
      for (let place = 0; place < count; place += 1) places[place] = place;
      return count;
    }
    const absent = new Set(leftOut);
    let length = 0;
    for (let place = 0; place < count; place += 1) {
      if (absent.has(place)) continue;
      places[length] = place;
      length += 1;
    }
    return length;
  };

  return (batch, leftOut = []) => {
    const all = allBut(batch.count, leftOut);
    const length = selectPlaces(batch, conditions, places, all);
    return { places, length };
  };
};
