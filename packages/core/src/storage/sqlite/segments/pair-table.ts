/** Numbers pairs of numbers in the order in which they come. */
export interface PairTable {
  /** How many pairs there are. */
  readonly size: number;
  /** Replaces every number of `left`, up to `length`, by that of the pair it makes with the one of `right`. */
  combine(left: Uint32Array, right: Uint32Array, length: number): void;
  left(pair: number): number;
  right(pair: number): number;
}

const FIRST_CAPACITY = 1_024;

const hash = (left: number, right: number): number => {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};

/** What a place takes: the two numbers of a pair, and its own and 1. 0 is an open place. */
const PLACE = 4;

/** A table of open places, because it is asked for every record. */
export const createPairTable = (): PairTable => {
  let capacity = FIRST_CAPACITY;
  let places: Uint32Array = new Uint32Array(2 * PLACE * capacity);
  let lefts: Uint32Array = new Uint32Array(capacity);
  let rights: Uint32Array = new Uint32Array(capacity);
  let size = 0;

  /** Where a pair stands, or would stand. */
  const placeOf = (left: number, right: number): number => {
    const mask = places.length - 1;
    let place = (hash(left, right) * PLACE) & mask;
    while (places[place + 2] !== 0 && (places[place] !== left || places[place + 1] !== right)) {
      place = (place + PLACE) & mask;
    }
    return place;
  };

  const put = (pair: number, left: number, right: number): void => {
    const place = placeOf(left, right);
    places[place] = left;
    places[place + 1] = right;
    places[place + 2] = pair + 1;
  };

  const grow = (): void => {
    capacity *= 2;
    const [oldLefts, oldRights] = [lefts, rights];
    lefts = new Uint32Array(capacity);
    rights = new Uint32Array(capacity);
    lefts.set(oldLefts);
    rights.set(oldRights);
    places = new Uint32Array(2 * PLACE * capacity);
    for (let pair = 0; pair < size; pair += 1) put(pair, lefts[pair] ?? 0, rights[pair] ?? 0);
  };

  const add = (left: number, right: number): number => {
    if (size === capacity) grow();
    lefts[size] = left;
    rights[size] = right;
    put(size, left, right);
    size += 1;
    return size - 1;
  };

  return {
    get size() {
      return size;
    },
    combine(left, right, length) {
      for (let index = 0; index < length; index += 1) {
        const one = left[index] ?? 0;
        const other = right[index] ?? 0;
        const found = places[placeOf(one, other) + 2] ?? 0;
        left[index] = found === 0 ? add(one, other) : found - 1;
      }
    },
    left: (pair) => lefts[pair] ?? 0,
    right: (pair) => rights[pair] ?? 0,
  };
};
