import { wellFormed } from '../internal/well-formed.js';
import type { CollectionShape } from './collection-shape.js';
import type { Column } from './column.js';
import type { ColumnType, Scalar } from './record-store.js';
import { badStorageRequest } from './storage-error.js';

/** A value as every driver keeps it: booleans are 0 and 1, JSON is text. */
export type StoredValue = string | number | null;

/** A record as every driver keeps it: one value a column, in the order of the shape. */
export type StoredRow = readonly StoredValue[];

const takes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'a safe integer',
  real: 'a finite number',
  boolean: 'true or false',
  json: 'a JSON value',
};

// Some databases end a text at a NUL, others refuse one. It is written as two characters, the first of which is no
// character by itself and so is written as two when it occurs.
const MARK = '\uffff';
const escapeNul = (text: string): string => text.replaceAll(MARK, `${MARK}1`).replaceAll('\0', `${MARK}0`);
const unescapeNul = (text: string): string =>
  text.includes(MARK) ? text.replaceAll(`${MARK}0`, '\0').replaceAll(`${MARK}1`, MARK) : text;

const UNUSUAL = /[\0\ud800-\udfff\uffff]/;
const encodeText = (text: string): string => (UNUSUAL.test(text) ? escapeNul(wellFormed(text)) : text);

/** In JSON a lone surrogate is an escape, which some databases read as other characters and others refuse. */
const wellFormedJson = (json: string | undefined): string | undefined =>
  json?.includes('\\ud')
    ? json.replace(/\\(?:\\|ud[89a-f][\da-f]{2})/g, (found) => (found === '\\\\' ? found : '\ufffd'))
    : json;

const stringify = (value: unknown): string | undefined => {
  try {
    return wellFormedJson(JSON.stringify(value));
  } catch {
    return undefined;
  }
};

/** Undefined where the value does not fit the type. */
const encode = (type: ColumnType, value: unknown): StoredValue | undefined => {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? encodeText(value) : undefined;
    case 'integer':
      // Adding 0 turns -0 into 0, which is what databases do.
      return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
    case 'real':
      return Number.isFinite(value) ? (value as number) + 0 : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? Number(value) : undefined;
    case 'json':
      return stringify(value);
  }
};

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/**
 * A value in its stored form.
 *
 * @throws MillraceError `BAD_REQUEST` when it does not fit the column. The message never holds the value.
 */
export const encodeValue = (column: Column, value: unknown): StoredValue => {
  const encoded = encode(column.type, value);
  if (encoded === undefined) {
    throw badStorageRequest(
      `The column "${column.name}" takes ${takes[column.type]}, and was given another ${kindOf(value)}.`,
    );
  }
  return encoded;
};

/** The value that was stored. */
const decodeValue = (type: ColumnType, value: StoredValue | undefined): unknown => {
  if (value === null || value === undefined) return null;
  if (type === 'boolean') return value === 1;
  if (type === 'text') return unescapeNul(String(value));
  return type === 'json' ? JSON.parse(String(value)) : value;
};

/** The same for columns that hold no JSON. */
export const decodeScalar = (type: ColumnType, value: StoredValue | undefined): Scalar => {
  if (value === null || value === undefined) return null;
  if (type === 'boolean') return value === 1;
  return typeof value === 'string' ? unescapeNul(value) : value;
};

/**
 * A copy of a record in its stored form, so that later changes of the record by its owner do not matter.
 *
 * @throws MillraceError `BAD_REQUEST` when the record has no key, an unknown column or a value of a wrong type.
 */
export const encodeRow = (shape: CollectionShape, row: object): StoredRow => {
  const record = row as Readonly<Record<string, unknown>>;
  for (const key in record) {
    if (!shape.byName.has(key)) {
      throw badStorageRequest(`The collection "${shape.name}" has no column "${key}".`);
    }
  }
  const id = record[shape.primaryKey.name];
  if (typeof id !== 'string' || id === '') {
    throw badStorageRequest(`A record of "${shape.name}" needs text in "${shape.primaryKey.name}".`);
  }
  return shape.columns.map((column) => encodeValue(column, record[column.name]));
};

/**
 * Changes of a record in their stored form.
 *
 * @throws MillraceError `BAD_REQUEST` when they name the key or an unknown column, or a value is of a wrong type.
 */
export const encodeChanges = (shape: CollectionShape, values: object): ReadonlyMap<Column, StoredValue> => {
  const changes = new Map<Column, StoredValue>();
  for (const [name, value] of Object.entries(values)) {
    const column = shape.byName.get(name);
    if (column === undefined) {
      throw badStorageRequest(`The collection "${shape.name}" has no column "${name}".`);
    }
    if (column === shape.primaryKey)
      throw badStorageRequest(`The key "${name}" of a record cannot be changed.`);
    if (value !== undefined) changes.set(column, encodeValue(column, value));
  }
  return changes;
};

/** The record that was stored. Columns that were added later are null. */
export const decodeRow = <Row extends object>(shape: CollectionShape, stored: StoredRow): Row =>
  Object.fromEntries(
    shape.columns.map((column) => [column.name, decodeValue(column.type, stored[column.index])]),
  ) as Row;

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Orders text by code points, as databases do; JavaScript's own order differs beyond U+FFFF. */
export const compareText = (left: string, right: string): number => {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    if (isSurrogate(a) !== isSurrogate(b)) return isSurrogate(a) ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
};

/** Orders stored values of one column; null comes first. */
export const compareStored = (left: StoredValue, right: StoredValue): number => {
  if (left === null || right === null) return Number(right === null) - Number(left === null);
  return typeof left === 'string' && typeof right === 'string'
    ? compareText(left, right)
    : Number(left) - Number(right);
};
