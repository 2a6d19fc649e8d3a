// A list of numbers in bytes: a head, then every number in as few bytes as the longest needs, as its distance from the
// least. Numbers with a fraction take 8 bytes and stay what they are. A list begins at a multiple of 8, so that its
// numbers can be read where they lie. Bytes are in the order of the machine, as typed arrays have them.

/** What numbers are read from, or written to. */
export interface PackedNumbers {
  /** How many there are. */
  readonly count: number;
  readonly hasNulls: boolean;
  /** Where the next list begins. */
  readonly end: number;
  /** Writes the numbers into an array that is long enough; null is NaN. */
  readInto(target: Float64Array): void;
  /** The same for whole numbers from 0 on. */
  readCodesInto(target: Uint32Array): void;
  /** The numbers as they lie in the bytes; undefined where they are not kept so. */
  readonly asTheyAre: Float64Array | undefined;
}

const HEAD = 16;
/** How a list is kept: `CONSTANT` has no bytes for its numbers. */
const CONSTANT = 0;
const DOUBLES = 8;

type Narrow = Uint8Array | Uint16Array | Uint32Array;

const narrowArray = (width: number, buffer: ArrayBufferLike, offset: number, count: number): Narrow => {
  if (width === 1) return new Uint8Array(buffer, offset, count);
  return width === 2 ? new Uint16Array(buffer, offset, count) : new Uint32Array(buffer, offset, count);
};

const padded = (length: number): number => Math.ceil(length / 8) * 8;

const widthOf = (span: number): number => {
  if (span === 0) return CONSTANT;
  if (span < 2 ** 8) return 1;
  return span < 2 ** 16 ? 2 : 4;
};

/** The bytes of the first `count` numbers. NaN is null. */
export const packNumbers = (values: Float64Array | Uint32Array, count: number): Uint8Array => {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let nulls = 0;
  let whole = true;
  for (let index = 0; index < count; index += 1) {
    const value = values[index] ?? 0;
    if (Number.isNaN(value)) nulls += 1;
    else {
      if (value < least) least = value;
      if (value > most) most = value;
      if (whole && !Number.isSafeInteger(value)) whole = false;
    }
  }
  if (nulls === count) least = most = 0;
  // Where there are nulls, 0 is for them and the numbers begin with 1.
  const first = nulls > 0 ? 1 : 0;
  const isNarrow = whole && most - least + first < 2 ** 32;
  const width = isNarrow ? widthOf(nulls === count ? 0 : most - least + first) : DOUBLES;
  const bytes = new Uint8Array(HEAD + padded(width * count));
  const head = new DataView(bytes.buffer);
  head.setUint32(0, count, true);
  head.setUint8(4, width);
  head.setUint8(5, first);
  // What 0 stands for.
  head.setFloat64(8, isNarrow ? least - first : 0, true);
  if (width === DOUBLES) {
    new Float64Array(bytes.buffer, HEAD, count).set(values.subarray(0, count));
  } else if (width !== CONSTANT) {
    const target = narrowArray(width, bytes.buffer, HEAD, count);
    for (let index = 0; index < count; index += 1) {
      const value = values[index] ?? 0;
      target[index] = Number.isNaN(value) ? 0 : value - least + first;
    }
  }
  return bytes;
};

/** Reads the head of the list that begins at `offset`. */
export const readNumbers = (bytes: Uint8Array, offset: number): PackedNumbers => {
  const start = bytes.byteOffset + offset;
  const head = new DataView(bytes.buffer, start, HEAD);
  const count = head.getUint32(0, true);
  const width = head.getUint8(4);
  const hasNulls = head.getUint8(5) === 1;
  const base = head.getFloat64(8, true);
  const data = start + HEAD;
  const narrow = () => narrowArray(width, bytes.buffer, data, count);
  return {
    count,
    hasNulls,
    end: offset + HEAD + padded(width * count),
    asTheyAre: width === DOUBLES ? new Float64Array(bytes.buffer, data, count) : undefined,
    readInto(target) {
      if (width === CONSTANT) {
        target.fill(hasNulls ? Number.NaN : base, 0, count);
        return;
      }
      if (width === DOUBLES) {
        target.set(new Float64Array(bytes.buffer, data, count));
        return;
      }
      target.set(narrow());
      if (hasNulls) {
        for (let index = 0; index < count; index += 1) {
          const value = target[index];
          target[index] = value === 0 ? Number.NaN : (value ?? 0) + base;
        }
      } else if (base !== 0) {
        for (let index = 0; index < count; index += 1) target[index] = (target[index] ?? 0) + base;
      }
    },
    readCodesInto(target) {
      if (width === CONSTANT) {
        target.fill(base, 0, count);
        return;
      }
      target.set(narrow());
      if (base !== 0) {
        for (let index = 0; index < count; index += 1) target[index] = (target[index] ?? 0) + base;
      }
    },
  };
};
