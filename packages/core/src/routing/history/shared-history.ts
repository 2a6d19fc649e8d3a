import type { DecayedTally } from './decayed-tally.js';
import {
  type HistoryShard,
  type HistoryShardOptions,
  historyShard,
  type ShardAddition,
} from './history-shard.js';
import { addTo, type TallyTable, trim } from './tally-table.js';

/** What a process counted and others do not know yet. */
export interface SharedHistory {
  add(key: string, tally: DecayedTally): void;
  /** Put these in the place of everything. */
  replace(tallies: TallyTable): void;
  /** Write what is new, read everything, and bring the table up to date. */
  readonly exchange: () => Promise<void>;
}

/** Where a history is shared, and the table that follows it. */
export interface SharedHistoryOptions extends Omit<HistoryShardOptions, 'key'> {
  readonly prefix: string;
  /** Everything that is known here; written to with each exchange. */
  readonly table: TallyTable;
}

/** Documents that the history is spread over, so that none becomes large and processes seldom meet. */
const SHARDS = 8;

interface Part {
  readonly shard: HistoryShard;
  sequence: number;
  fresh: TallyTable;
  replaces: boolean;
  /** Handed to the store; kept until the store has confirmed it. */
  sent: ShardAddition | undefined;
}

/** The part that a key belongs to; the same in every process. */
const partOf = (key: string): number => {
  let sum = 0;
  for (let index = 0; index < key.length; index += 1) sum = (sum * 31 + key.charCodeAt(index)) | 0;
  return (sum >>> 0) % SHARDS;
};

/** Shares a table with other processes. */
export const createSharedHistory = (options: SharedHistoryOptions): SharedHistory => {
  const { prefix, table, halfLifeMs, maxEntries, ...rest } = options;
  const parts = Array.from(
    { length: SHARDS },
    (_, index): Part => ({
      shard: historyShard({
        ...rest,
        halfLifeMs,
        maxEntries: Math.ceil(maxEntries / SHARDS),
        key: `${prefix}${index}`,
      }),
      sequence: 0,
      fresh: new Map(),
      replaces: false,
      sent: undefined,
    }),
  );
  const findPart = (key: string): Part => parts[partOf(key)] as Part;

  const take = (part: Part): void => {
    if (part.fresh.size === 0 && !part.replaces) return;
    part.sequence += 1;
    part.sent = { sequence: part.sequence, tallies: part.fresh, replaces: part.replaces };
    part.fresh = new Map();
    part.replaces = false;
  };

  const exchangePart = async (part: Part): Promise<void> => {
    if (part.sent !== undefined) {
      // The store may have it already; nothing newer can be sent until that is known.
      await part.shard.exchange(part.sent);
      part.sent = undefined;
    }
    take(part);
    const everything = await part.shard.exchange(part.sent);
    part.sent = undefined;
    // What was loaded meanwhile counts, not what the store had before.
    if (part.replaces) return;
    for (const key of table.keys()) if (findPart(key) === part && !everything.has(key)) table.delete(key);
    for (const [key, tally] of everything) table.set(key, tally);
    for (const [key, tally] of part.fresh) addTo(table, key, tally, halfLifeMs);
  };

  return {
    add(key, tally) {
      const { fresh } = findPart(key);
      addTo(fresh, key, tally, halfLifeMs);
      if (fresh.size > maxEntries) trim(fresh, { most: maxEntries / 2, now: rest.clock(), halfLifeMs });
    },
    replace(tallies) {
      for (const part of parts) {
        part.fresh = new Map();
        part.replaces = true;
      }
      for (const [key, tally] of tallies) findPart(key).fresh.set(key, tally);
    },
    async exchange() {
      const outcomes = await Promise.allSettled(parts.map(exchangePart));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
};
