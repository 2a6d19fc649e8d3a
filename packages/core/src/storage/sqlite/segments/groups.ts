import type { PlannedKey } from '../../group-key.js';
import type { StoredValue } from '../../stored-value.js';
import type { Batch, Selection } from './batch.js';
import { createKeyCodes } from './key-codes.js';
import { createPairTable } from './pair-table.js';

/** Numbers the groups that records are in. */
export interface Groups {
  readonly size: number;
  /** The group of each place; right until the next call. */
  of(batch: Batch, selection: Selection): Uint32Array;
  /** The groups in the order of their values. */
  sorted(): readonly number[];
  values(group: number): readonly StoredValue[];
}

/** A group is a pair of what the keys before the last one make up, and the last one's value; and so on for those. */
export const createGroups = (keys: readonly PlannedKey[]): Groups => {
  const levels = keys.map((key) => ({ codes: createKeyCodes(key), pairs: createPairTable() }));
  let groups: Uint32Array = new Uint32Array(0);
  let codes: Uint32Array = new Uint32Array(0);

  const codesOf = (group: number): readonly number[] => {
    const found: number[] = [];
    let rest = group;
    for (const { pairs } of levels.toReversed()) {
      found.push(pairs.right(rest));
      rest = pairs.left(rest);
    }
    return found.reverse();
  };

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
      for (const level of levels) {
        level.codes.write(batch, selection, codes);
        level.pairs.combine(groups, codes, length);
      }
      return groups;
    },
    sorted() {
      const ranks = levels.map((level) => level.codes.ranks());
      const places = Array.from({ length: count() }, (_, group) => ({
        group,
        ranks: codesOf(group).map((code, level) => ranks[level]?.(code) ?? 0),
      }));
      places.sort((left, right) => {
        for (let level = 0; level < levels.length; level += 1) {
          const order = (left.ranks[level] ?? 0) - (right.ranks[level] ?? 0);
          if (order !== 0) return order;
        }
        return 0;
      });
      return places.map(({ group }) => group);
    },
    values: (group) => codesOf(group).map((code, level) => levels[level]?.codes.value(code) ?? null),
  };
};
