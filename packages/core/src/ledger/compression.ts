import type { RecordCollection } from '../storage/record-store.js';
import { type LedgerFilter, toWhereOfCalls } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';

/** What one stage of the compressor saved. */
export interface StageSavings {
  readonly stage: string;
  /** Calls in which it ran. */
  readonly calls: number;
  readonly tokensSaved: number;
}

/** What the compressor did. */
export interface LedgerCompression {
  readonly tokensBefore: number;
  readonly tokensAfter: number;
  /** The part of the tokens that was taken out; null where nothing was compressed. */
  readonly share: number | null;
  /** By the names of the stages. */
  readonly stages: readonly StageSavings[];
}

/** What the compressor saved, by stage. */
export const compressionOf = async (
  calls: RecordCollection<LedgerRecord>,
  { signal, ...filter }: LedgerFilter & { readonly signal?: AbortSignal | undefined },
): Promise<LedgerCompression> => {
  const where = toWhereOfCalls(filter);
  const [[whole], stages] = await Promise.all([
    calls.aggregate({
      where,
      figures: {
        before: { function: 'total', column: 'tokensBeforeCompression' },
        after: { function: 'total', column: 'tokensAfterCompression' },
      },
      signal,
    }),
    calls.aggregate({
      where,
      groupBy: [{ column: 'compression', each: 'entry' }],
      figures: { calls: { function: 'count' }, saved: { function: 'total', column: 'compression' } },
      signal,
    }),
  ]);
  const tokensBefore = Number(whole?.['before'] ?? 0);
  const tokensAfter = Number(whole?.['after'] ?? 0);
  return {
    tokensBefore,
    tokensAfter,
    share: tokensBefore === 0 ? null : 1 - tokensAfter / tokensBefore,
    stages: stages.map((row) => ({
      stage: String(row['compression']),
      calls: Number(row['calls']),
      tokensSaved: Number(row['saved'] ?? 0),
    })),
  };
};
