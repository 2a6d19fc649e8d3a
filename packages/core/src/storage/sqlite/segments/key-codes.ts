import type { PlannedKey } from '../../group-key.js';
import { lastAtMost } from '../../group-value.js';
import { compareStored, type StoredValue } from '../../stored-value.js';
import { SCALE_STEPS, scaleStep } from '../../value-scale.js';
import type { Batch, Selection } from './batch.js';
import type { ItemValues, NumberValues, TextValues } from './column-values.js';

/** Gives the values of a key to group by numbers that are the same in all batches. */
export interface KeyCodes {
  /** Writes the code of each place. */
  write(batch: Batch, selection: Selection, target: Uint32Array): void;
  /** Codes are below it. */
  readonly count: number;
  value(code: number): StoredValue;
  /** The rank of each code among all, in the order of their values. */
  ranks(): (code: number) => number;
}

type Write<Values> = (values: Values, selection: Selection, target: Uint32Array) => void;

/** Codes of values in the order in which they come. */
const createValueCodes = () => {
  const values: StoredValue[] = [];
  const known = new Map<StoredValue, number>();
  return {
    of(value: StoredValue): number {
      const code = known.get(value);
      if (code !== undefined) return code;
      known.set(value, values.length);
      values.push(value);
      return values.length - 1;
    },
    get count() {
      return values.length;
    },
    value: (code: number): StoredValue => values[code] ?? null,
    ranks() {
      const order = values.map((_, code) => code);
      order.sort((left, right) => compareStored(values[left] ?? null, values[right] ?? null));
      const ranks = new Uint32Array(values.length);
      for (const [rank, code] of order.entries()) ranks[code] = rank;
      return (code: number): number => ranks[code] ?? 0;
    },
  };
};

type ValueCodes = ReturnType<typeof createValueCodes>;

const writeTexts =
  (codes: ValueCodes): Write<TextValues> =>
  ({ texts, codes: local }, { places, length }, target) => {
    // Asked for those that occur: of a filtered segment, few may be left. Each code and 1; 0 is not asked for yet.
    const common = new Uint32Array(texts.length + 1);
    for (let index = 0; index < length; index += 1) {
      const code = local[places[index] ?? 0] ?? 0;
      let found = common[code] ?? 0;
      if (found === 0) {
        found = codes.of(code === 0 ? null : (texts[code - 1] ?? null)) + 1;
        common[code] = found;
      }
      target[index] = found - 1;
    }
  };

const writeNumbers =
  (codes: ValueCodes): Write<NumberValues> =>
  ({ values }, { places, length }, target) => {
    for (let index = 0; index < length; index += 1) {
      const value = values[places[index] ?? 0] ?? 0;
      target[index] = codes.of(Number.isNaN(value) ? null : value);
    }
  };

const writeEntries =
  (codes: ValueCodes): Write<ItemValues> =>
  ({ texts, names }, { items, length }, target) => {
    const common = Uint32Array.from(texts, (text) => codes.of(text));
    for (let index = 0; index < length; index += 1) {
      target[index] = common[names[items?.[index] ?? 0] ?? 0] ?? 0;
    }
  };

// Steps and ranges are numbered by what they are, and so are in order already.
const sameRank = (code: number): number => code;

const writeSteps: Write<NumberValues> = ({ values }, { places, length }, target) => {
  for (let index = 0; index < length; index += 1) {
    const value = values[places[index] ?? 0] ?? 0;
    target[index] = Number.isNaN(value) ? 0 : scaleStep(value) + 1;
  }
};

const writeRanges =
  (bounds: readonly number[]): Write<NumberValues> =>
  ({ values }, { places, length }, target) => {
    let range = 0;
    for (let index = 0; index < length; index += 1) {
      const value = values[places[index] ?? 0] ?? 0;
      // Records that follow each other are often in the same range.
      const isSame = value >= (bounds[range] ?? 0) && value < (bounds[range + 1] ?? 0);
      if (!isSame) range = lastAtMost(bounds, value);
      target[index] = range;
    }
  };

/** The records of a selection must be within the bounds of a key by ranges. */
export const createKeyCodes = (key: PlannedKey): KeyCodes => {
  const { kind, column } = key;
  if (kind === 'scale') {
    return {
      write: (batch, selection, target) =>
        writeSteps(batch.values(column) as NumberValues, selection, target),
      count: SCALE_STEPS + 1,
      value: (code) => (code === 0 ? null : code - 1),
      ranks: () => sameRank,
    };
  }
  if (kind === 'range') {
    const write = writeRanges(key.bounds);
    return {
      write: (batch, selection, target) => write(batch.values(column) as NumberValues, selection, target),
      count: key.bounds.length,
      value: (code) => key.bounds[code] ?? null,
      ranks: () => sameRank,
    };
  }
  const codes = createValueCodes();
  const [texts, numbers, items] = [writeTexts(codes), writeNumbers(codes), writeEntries(codes)];
  return {
    write(batch, selection, target) {
      const values = batch.values(column);
      if (values.kind === 'texts') texts(values, selection, target);
      else if (values.kind === 'numbers') numbers(values, selection, target);
      else items(values, selection, target);
    },
    get count() {
      return codes.count;
    },
    value: codes.value,
    ranks: codes.ranks,
  };
};
