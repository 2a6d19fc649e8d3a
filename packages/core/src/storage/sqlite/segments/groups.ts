import type { PlannedKey } from '../../group-key.js';
import type { Batch, Selection } from './batch.js';
import type { GroupColumn } from './figure-table.js';
import { createKeyCodes } from './key-codes.js';
import { createPairTable } from './pair-table.js';

/** Numbers the groups that records are in. */
export interface Groups {
  readonly size: number;
  /** The group of each place; right until the next call. */
  of(batch: Batch, selection: Selection): Uint32Array;
  /** The groups in the order of their values. */
  sorted(): Uint32Array;
  /** The values of some groups, key by key. */
  columns(groups: Uint32Array): readonly GroupColumn[];
}

/** Where numbers stand in their rising order; they are whole, and no two are the same. */
const orderOf = (numbers: Float64Array): Uint32Array<ArrayBuffer> => {
  const { length } = numbers;
  const most = numbers.reduce((one, other) => Math.max(one, other), 0);
  if ((most + 1) * length > Number.MAX_SAFE_INTEGER) {
    const order = Uint32Array.from(numbers, (_, index) => index);
    return order.sort((left, right) => (numbers[left] ?? 0) - (numbers[right] ?? 0));
  }
  // Several times as fast: each number with its place behind it, as one number.
  const both = numbers.map((number, index) => number * length + index).sort();
  const order = new Uint32Array(length);
  for (let index = 0; index < length; index += 1) order[index] = (both[index] ?? 0) % length;
  return order;
};

/** A group is a pair: what the keys before the last one make up, which is such a pair too, and the last one's value. */
export const createGroups = (keys: readonly PlannedKey[]): Groups => {
  const levels = keys.map((key) => ({ codes: createKeyCodes(key), pairs: createPairTable() }));
  let groups: Uint32Array = new Uint32Array(0);
  let codes: Uint32Array = new Uint32Array(0);
  // Without keys everything is one group, also when there is nothing.
  const count = (): number => levels.at(-1)?.pairs.size ?? 1;

  return {
    get size() {
      return count();
    },
    of(batch, selection) {
      const { length } = selection;
      if (groups.length < length) {
        groups = new Uint32Array(length);
        codes = new Uint32Array(length);
      }
      groups.fill(0, 0, length);
      let left = 1;
      for (const level of levels) {
        level.codes.write(batch, selection, codes);
        level.pairs.combine(groups, codes, length, { left, right: level.codes.count });
        left = level.pairs.size;
      }
      return groups;
    },
    sorted() {
      let order = Uint32Array.of(0);
      let ranks = Uint32Array.of(0);
      for (const { codes: level, pairs } of levels) {
        const rankOf = level.ranks();
        const places = new Float64Array(pairs.size);
        for (let pair = 0; pair < pairs.size; pair += 1) {
          places[pair] = (ranks[pairs.left(pair)] ?? 0) * level.count + rankOf(pairs.right(pair));
        }
        order = orderOf(places);
        ranks = new Uint32Array(pairs.size);
        for (let rank = 0; rank < order.length; rank += 1) ranks[order[rank] ?? 0] = rank;
      }
      return order;
    },
    columns(some) {
      let rest = some;
      const found = levels.toReversed().map(({ codes: level, pairs }): GroupColumn => {
        const column = rest.map(pairs.right);
        const values = Array.from({ length: level.count }, (_, code) => level.value(code));
        rest = rest.map(pairs.left);
        return { codes: column, values };
      });
      return found.reverse();
    },
  };
};
