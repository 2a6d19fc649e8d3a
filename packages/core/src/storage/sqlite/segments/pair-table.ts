/** What numbers are below. They may rise from call to call. */
interface PairLimits {
  readonly left: number;
  readonly right: number;
}

/** Numbers pairs of numbers in the order in which they come. */
export interface PairTable {
  /** How many pairs there are. */
  readonly size: number;
  /** Replaces every number of `left`, up to `length`, by that of the pair it makes with the one of `right`. */
  combine(left: Uint32Array, right: Uint32Array, length: number, limits: PairLimits): void;
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

/** So many pairs have a place each, which is found at once; were there more, only those that occur get one. */
const MOST_DIRECT = 2 ** 22;

const roundUp = (limit: number): number => 2 ** Math.ceil(Math.log2(Math.max(limit, 2)));

/** Made for being asked for every record. */
export const createPairTable = (): PairTable => {
  let capacity = FIRST_CAPACITY;
  /** Where pairs are found by what they are: the number of each and 1. */
  let direct: Uint32Array | undefined = new Uint32Array(0);
  let room: PairLimits = { left: 0, right: 0 };
  /** Where they are found by a hash otherwise. */
  let places: Uint32Array = new Uint32Array(0);
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

  const putAll = (): void => {
    if (direct !== undefined) {
      for (let pair = 0; pair < size; pair += 1) {
        direct[(lefts[pair] ?? 0) * room.right + (rights[pair] ?? 0)] = pair + 1;
      }
      return;
    }
    places = new Uint32Array(2 * PLACE * capacity);
    for (let pair = 0; pair < size; pair += 1) put(pair, lefts[pair] ?? 0, rights[pair] ?? 0);
  };

  const makeRoom = ({ left, right }: PairLimits): void => {
    if (direct === undefined || (left <= room.left && right <= room.right)) return;
    room = { left: roundUp(Math.max(left, room.left)), right: roundUp(Math.max(right, room.right)) };
    direct = room.left * room.right > MOST_DIRECT ? undefined : new Uint32Array(room.left * room.right);
    putAll();
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
    if (direct === undefined) putAll();
  };

  const add = (left: number, right: number): number => {
    if (size === capacity) grow();
    lefts[size] = left;
    rights[size] = right;
    size += 1;
    return size - 1;
  };

  const combineDirectly = (
    table: Uint32Array,
    step: number,
    left: Uint32Array,
    right: Uint32Array,
    length: number,
  ): void => {
    for (let index = 0; index < length; index += 1) {
      const one = left[index] ?? 0;
      const other = right[index] ?? 0;
      const place = one * step + other;
      const found = table[place] ?? 0;
      if (found === 0) {
        left[index] = add(one, other);
        table[place] = size;
      } else {
        left[index] = found - 1;
      }
    }
  };

  const combineByHash = (left: Uint32Array, right: Uint32Array, length: number): void => {
    for (let index = 0; index < length; index += 1) {
      const one = left[index] ?? 0;
      const other = right[index] ?? 0;
      const found = places[placeOf(one, other) + 2] ?? 0;
      if (found === 0) {
        left[index] = add(one, other);
        put(size - 1, one, other);
      } else {
        left[index] = found - 1;
      }
    }
  };

  return {
    get size() {
      return size;
    },
    combine(left, right, length, limits) {
      makeRoom(limits);
      if (direct === undefined) combineByHash(left, right, length);
      else combineDirectly(direct, room.right, left, right, length);
    },
    left: (pair) => lefts[pair] ?? 0,
    right: (pair) => rights[pair] ?? 0,
  };
};
