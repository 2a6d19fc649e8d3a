import type { ValueStore } from '../../storage/value-store.js';
import { type SharedDocument, sharedDocument } from '../shared/shared-document.js';
import { tallyFromRow, tallyToRow } from './decayed-tally.js';
import { addTo, type TallyTable, trim } from './tally-table.js';

/** A part of a shared history, kept as one document. */
interface ShardDocument {
  /** The last addition of each process that wrote of late, oldest first: an addition is never counted twice. */
  readonly writers: ReadonlyMap<string, number>;
  readonly tallies: TallyTable;
}

/** What a process adds to a part. */
export interface ShardAddition {
  /** Grows by one with each addition of the process. */
  readonly sequence: number;
  readonly tallies: TallyTable;
  /** Stands for everything that was there, instead of being added to it. */
  readonly replaces: boolean;
}

/** One part of a shared history. */
export interface HistoryShard {
  /** Write an addition, if there is one, and read the whole part. May be repeated with the same addition. */
  exchange(addition: ShardAddition | undefined): Promise<TallyTable>;
}

/** Where a part is kept. */
export interface HistoryShardOptions {
  readonly store: ValueStore;
  readonly key: string;
  readonly writer: string;
  readonly halfLifeMs: number;
  readonly clock: () => number;
  readonly maxEntries: number;
}

/** After so many half-lives hardly anything of the history is left. */
const LIFE = 10;
/** A process that was overtaken by so many others between two attempts could be counted twice. */
const MAX_WRITERS = 200;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A part of a history, in a store that processes share. */
export const historyShard = (options: HistoryShardOptions): HistoryShard => {
  const { store, key, writer, halfLifeMs, clock, maxEntries } = options;

  const parse = (json: unknown): ShardDocument => {
    const { writers, tallies } = isRecord(json) ? json : {};
    const table: TallyTable = new Map();
    for (const [name, row] of Object.entries(isRecord(tallies) ? tallies : {})) {
      const tally = tallyFromRow(row, clock());
      if (tally !== undefined) table.set(name, tally);
    }
    const known = Object.entries(isRecord(writers) ? writers : {});
    return {
      writers: new Map(known.filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
      tallies: table,
    };
  };

  const document: SharedDocument<ShardDocument> = sharedDocument({
    store,
    key,
    ttlMs: Math.ceil(LIFE * halfLifeMs),
    parse,
    format: ({ writers, tallies }) => ({
      writers: Object.fromEntries(writers),
      tallies: Object.fromEntries([...tallies].map(([name, tally]) => [name, tallyToRow(tally)])),
    }),
  });

  const withAddition = (doc: ShardDocument, addition: ShardAddition): ShardDocument => {
    if ((doc.writers.get(writer) ?? -1) >= addition.sequence) return doc;
    const tallies: TallyTable = new Map(addition.replaces ? [] : doc.tallies);
    for (const [name, tally] of addition.tallies) addTo(tallies, name, tally, halfLifeMs);
    trim(tallies, { most: maxEntries, now: clock(), halfLifeMs });
    const writers = new Map([...doc.writers].filter(([name]) => name !== writer).slice(1 - MAX_WRITERS));
    return { writers: writers.set(writer, addition.sequence), tallies };
  };

  return {
    async exchange(addition) {
      const { tallies } = await document.update((doc) =>
        addition === undefined ? doc : withAddition(doc, addition),
      );
      return tallies;
    },
  };
};
