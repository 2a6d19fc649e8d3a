import type { Price } from '../provider/price.js';
import type { Aggregate, RecordCollection, RecordFilter } from '../storage/record-store.js';
import { type LedgerFilter, ofCalls, toWhere } from './ledger-filter.js';
import type { LedgerRecord } from './ledger-record.js';

/** With what to compare. */
export interface LedgerSavingsQuery extends LedgerFilter {
  /** The price of the model that would have answered everything, in US dollars for a million tokens. */
  readonly premium: Omit<Price, 'longContext'>;
  readonly signal?: AbortSignal | undefined;
}

/** What was saved, in US dollars. The three parts do not overlap. */
export interface LedgerSavings {
  /** What the calls cost, as far as their price is known. */
  readonly costUsd: number;
  /** What the tokens that were used would have cost at the premium price. */
  readonly premiumCostUsd: number;
  /** The difference of the two: thanks to the choice of the model. Negative where dearer models were used. */
  readonly routingUsd: number;
  /** What answers from the cache would have cost with the models that were asked. */
  readonly cacheUsd: number;
  /** What the tokens that the compressor took out would have cost at the premium price. */
  readonly compressionUsd: number;
  readonly totalUsd: number;
  /** The total, of what everything would have cost without any of it; null where that is nothing. */
  readonly share: number | null;
  /** Calls whose price is not known. Their tokens are in `premiumCostUsd`, so that they make it look better. */
  readonly unpricedCalls: number;
}

const sum = (column: string, where?: RecordFilter): Aggregate => ({ function: 'total', column, where });

const FIGURES: Readonly<Record<string, Aggregate>> = {
  rows: { function: 'count' },
  priced: { function: 'count', column: 'costUsd' },
  cost: sum('costUsd'),
  input: sum('tokensIn'),
  output: sum('tokensOut'),
  read: sum('tokensCacheRead'),
  written: sum('tokensCacheWrite'),
  // A retried attempt used tokens of its own; what the cache and the compressor saved is told by the call.
  cached: sum('savedUsd', ofCalls),
  uncompressed: sum('tokensBeforeCompression', ofCalls),
  compressed: sum('tokensAfterCompression', ofCalls),
};

const PER = 1_000_000;

/** Compares what calls cost with what they would have cost. */
export const computeSavings = async (
  calls: RecordCollection<LedgerRecord>,
  { premium, signal, ...filter }: LedgerSavingsQuery,
): Promise<LedgerSavings> => {
  const [row] = await calls.aggregate({ where: toWhere(filter), figures: FIGURES, signal });
  const total = (name: string): number => Number(row?.[name] ?? 0);
  const read = total('read');
  const written = total('written');
  const plain = Math.max(0, total('input') - read - written);
  const costUsd = total('cost');
  const premiumCostUsd =
    (plain * premium.input +
      read * (premium.cacheRead ?? premium.input) +
      written * (premium.cacheWrite ?? premium.input) +
      total('output') * premium.output) /
    PER;
  const routingUsd = premiumCostUsd - costUsd;
  const cacheUsd = total('cached');
  const compressionUsd = ((total('uncompressed') - total('compressed')) * premium.input) / PER;
  const totalUsd = routingUsd + cacheUsd + compressionUsd;
  const without = totalUsd + costUsd;
  return {
    costUsd,
    premiumCostUsd,
    routingUsd,
    cacheUsd,
    compressionUsd,
    totalUsd,
    share: without === 0 ? null : totalUsd / without,
    unpricedCalls: total('rows') - total('priced'),
  };
};
