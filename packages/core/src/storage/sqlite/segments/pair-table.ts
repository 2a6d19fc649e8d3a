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

/** A table of open places, because it is asked for every record. */
export const createPairTable = (): PairTable => {
  let capacity = FIRST_CAPACITY;
  /** The number of a pair and 1; 0 is an open place. */
  let places: Uint32Array = new Uint32Array(2 * capacity);
  let lefts: Uint32Array = new Uint32Array(capacity);
  let rights: Uint32Array = new Uint32Array(capacity);
  let size = 0;

  const openPlace = (left: number, right: number): number => {
    const mask = places.length - 1;
    let place = hash(left, right) & mask;
    while (places[place] !== 0) place = (place + 1) & mask;
    return place;
  };

  const grow = (): void => {
    capacity *= 2;
    const [oldLefts, oldRights] = [lefts, rights];
    lefts = new Uint32Array(capacity);
    rights = new Uint32Array(capacity);
    lefts.set(oldLefts);
    rights.set(oldRights);
    places = new Uint32Array(2 * capacity);
    for (let pair = 0; pair < size; pair += 1) {
      places[openPlace(lefts[pair] ?? 0, rights[pair] ?? 0)] = pair + 1;
    }
  };

  const add = (left: number, right: number): number => {
    if (size === capacity) grow();
    lefts[size] = left;
    rights[size] = right;
    size += 1;
    places[openPlace(left, right)] = size;
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
        const mask = places.length - 1;
        let place = hash(one, other) & mask;
        let found = places[place] ?? 0;
        while (found !== 0 && (lefts[found - 1] !== one || rights[found - 1] !== other)) {
          place = (place + 1) & mask;
          found = places[place] ?? 0;
        }
        left[index] = found === 0 ? add(one, other) : found - 1;
      }
    },
    left: (pair) => lefts[pair] ?? 0,
    right: (pair) => rights[pair] ?? 0,
  };
};
