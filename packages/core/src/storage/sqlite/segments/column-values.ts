import type { ColumnType } from '../../record-store.js';
import type { StoredValue } from '../../stored-value.js';

// The values of a column for some records, in a form that loops over many of them are fast with.

/** Numbers and booleans; null is NaN, which no column can hold. */
export interface NumberValues {
  readonly kind: 'numbers';
  readonly values: Float64Array;
  readonly hasNulls: boolean;
}

/** Text: null is 0, and every other code is that of `texts[code - 1]`. */
export interface TextValues {
  readonly kind: 'texts';
  readonly codes: Uint32Array;
  readonly texts: readonly string[];
}

/**
 * JSON, as far as queries look into it: null is 0, and every other code is that of a list or object. The one of `code`
 * has the items from `starts[code - 1]` to before `starts[code]`: the texts of a list, whose value is NaN, or the
 * numbers of an object under their names.
 */
export interface ItemValues {
  readonly kind: 'items';
  readonly codes: Uint32Array;
  readonly starts: Uint32Array;
  /** Codes of `texts`, from 0. */
  readonly names: Uint32Array;
  readonly values: Float64Array;
  readonly texts: readonly string[];
}

/** The values of a column. Arrays may be longer than there are records. */
export type ColumnValues = NumberValues | TextValues | ItemValues;

/** Gathers the values of a column, one record after the other. */
export interface ColumnGatherer {
  add(value: StoredValue): void;
  /** What was gathered; nothing may be added afterwards. */
  take(): ColumnValues;
}

const gatherNumbers = (capacity: number): ColumnGatherer => {
  const values = new Float64Array(capacity);
  let length = 0;
  let hasNulls = false;
  return {
    add(value) {
      if (value === null) hasNulls = true;
      values[length] = value === null ? Number.NaN : Number(value);
      length += 1;
    },
    take: () => ({ kind: 'numbers', values, hasNulls }),
  };
};

/** Numbers texts in the order in which they come. */
const createNumbering = () => {
  const texts: string[] = [];
  const known = new Map<string, number>();
  return {
    texts,
    of(text: string): number {
      const code = known.get(text);
      if (code !== undefined) return code;
      texts.push(text);
      known.set(text, texts.length - 1);
      return texts.length - 1;
    },
  };
};

const gatherTexts = (capacity: number): ColumnGatherer => {
  const codes = new Uint32Array(capacity);
  const { texts, of } = createNumbering();
  let length = 0;
  return {
    add(value) {
      codes[length] = value === null ? 0 : of(String(value)) + 1;
      length += 1;
    },
    take: () => ({ kind: 'texts', codes, texts }),
  };
};

const gatherItems = (capacity: number): ColumnGatherer => {
  const codes = new Uint32Array(capacity);
  const whole = createNumbering();
  const { texts, of } = createNumbering();
  const starts = [0];
  const names: number[] = [];
  const values: number[] = [];
  let length = 0;

  const addItem = (name: string, value: number): void => {
    names.push(of(name));
    values.push(value);
  };
  const addItems = (json: unknown): void => {
    if (Array.isArray(json)) {
      for (const element of json) if (typeof element === 'string') addItem(element, Number.NaN);
    } else if (typeof json === 'object' && json !== null) {
      for (const [name, value] of Object.entries(json)) if (typeof value === 'number') addItem(name, value);
    }
  };

  return {
    add(value) {
      const before = whole.texts.length;
      codes[length] = value === null ? 0 : whole.of(String(value)) + 1;
      length += 1;
      if (whole.texts.length === before) return;
      addItems(JSON.parse(String(value)));
      starts.push(names.length);
    },
    take: () => ({
      kind: 'items',
      codes,
      starts: Uint32Array.from(starts),
      names: Uint32Array.from(names),
      values: Float64Array.from(values),
      texts,
    }),
  };
};

/** @param capacity - how many records there are at most */
export const createColumnGatherer = (type: ColumnType, capacity: number): ColumnGatherer => {
  if (type === 'text') return gatherTexts(capacity);
  return type === 'json' ? gatherItems(capacity) : gatherNumbers(capacity);
};
