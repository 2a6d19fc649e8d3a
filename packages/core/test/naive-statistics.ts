import type {
  CallStatus,
  LedgerCompression,
  LedgerFilter,
  LedgerGroup,
  LedgerRecord,
  LedgerSavings,
  LedgerStatisticQuery,
  LedgerSummary,
} from '../src/ledger/index.js';

// The statistics of the ledger written down a second time, as plainly as can be.

const isCall = ({ status }: LedgerRecord): boolean => status !== 'retried';

/** The records that a filter chooses. */
export const chosen = (records: readonly LedgerRecord[], filter: LedgerFilter): readonly LedgerRecord[] =>
  records.filter(
    (record) =>
      record.startedAt >= (filter.from ?? Number.NEGATIVE_INFINITY) &&
      record.startedAt < (filter.before ?? Number.POSITIVE_INFINITY) &&
      (filter.tag === undefined || (record.tags ?? []).includes(filter.tag)) &&
      (['provider', 'model', 'status', 'category', 'project', 'user'] as const).every(
        (name) => filter[name] === undefined || record[name] === filter[name],
      ),
  );

/** Records by the values of some dimensions; with none, all of them are one group. */
export const grouped = (
  records: readonly LedgerRecord[],
  by: LedgerStatisticQuery['by'] = [],
): readonly (readonly [LedgerGroup, readonly LedgerRecord[]])[] => {
  const groups = new Map<string, LedgerRecord[]>();
  if (by.length === 0) groups.set('{}', []);
  for (const record of records) {
    const key = JSON.stringify(Object.fromEntries(by.map((name) => [name, record[name]])));
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups].map(([key, some]) => [JSON.parse(key) as LedgerGroup, some]);
};

type Numbers = {
  [Name in keyof LedgerRecord]: LedgerRecord[Name] extends number | null ? Name : never;
}[keyof LedgerRecord];

const valuesOf = (records: readonly LedgerRecord[], name: Numbers): readonly number[] =>
  records.flatMap((record) => record[name] ?? []);
const add = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : add(values) / values.length;

export const naiveSummary = (group: LedgerGroup, records: readonly LedgerRecord[]): LedgerSummary => {
  const calls = records.filter(isCall);
  const ended = (...statuses: CallStatus[]) => calls.filter(({ status }) => statuses.includes(status)).length;
  const cached = calls.filter(({ cache }) => cache !== null).length;
  const share = (part: number) => (calls.length === 0 ? null : part / calls.length);
  return {
    group,
    calls: calls.length,
    successes: ended('success'),
    failures: ended('error', 'interrupted'),
    successRate: share(ended('success')),
    tokensIn: add(valuesOf(records, 'tokensIn')),
    tokensOut: add(valuesOf(records, 'tokensOut')),
    costUsd: add(valuesOf(records, 'costUsd')),
    unpricedCalls: records.length - valuesOf(records, 'costUsd').length,
    cachedCalls: cached,
    cacheHitRate: share(cached),
    savedUsd: add(valuesOf(calls, 'savedUsd')),
    tokensSaved: add(valuesOf(calls, 'tokensSaved')),
    tokensCompressed:
      add(valuesOf(calls, 'tokensBeforeCompression')) - add(valuesOf(calls, 'tokensAfterCompression')),
    averageLatencyMs: mean(valuesOf(calls, 'latencyMs')) ?? 0,
    averageTimeToFirstTokenMs: mean(valuesOf(calls, 'timeToFirstTokenMs')),
    ratings: valuesOf(records, 'rating').length,
    averageRating: mean(valuesOf(records, 'rating')),
  };
};

/** Nearest rank, of the exact values. */
export const naivePercentile = (
  records: readonly LedgerRecord[],
  name: 'latencyMs' | 'timeToFirstTokenMs',
  hundredths: number,
): number | undefined => {
  const values = [...valuesOf(records.filter(isCall), name)].sort((left, right) => left - right);
  return values[Math.ceil((values.length * hundredths) / 100) - 1];
};

export const naiveCompression = (records: readonly LedgerRecord[]): LedgerCompression => {
  const calls = records.filter(isCall);
  const tokensBefore = add(valuesOf(calls, 'tokensBeforeCompression'));
  const tokensAfter = add(valuesOf(calls, 'tokensAfterCompression'));
  const entries = calls.flatMap(({ compression }) => Object.entries(compression ?? {}));
  const stages = [...new Set(entries.map(([stage]) => stage))].sort().map((stage) => {
    const values = entries.filter(([name]) => name === stage).map(([, value]) => value);
    return { stage, calls: values.length, tokensSaved: add(values) };
  });
  return {
    tokensBefore,
    tokensAfter,
    share: tokensBefore === 0 ? null : 1 - tokensAfter / tokensBefore,
    stages,
  };
};

/** With a premium model at 8 dollars for a million tokens in, 2 for cached ones and 32 for those out. */
export const naiveSavings = (records: readonly LedgerRecord[]): LedgerSavings => {
  const calls = records.filter(isCall);
  const read = add(valuesOf(records, 'tokensCacheRead'));
  const plain = add(valuesOf(records, 'tokensIn')) - read - add(valuesOf(records, 'tokensCacheWrite'));
  const written = add(valuesOf(records, 'tokensCacheWrite'));
  const costUsd = add(valuesOf(records, 'costUsd'));
  const premiumCostUsd =
    (Math.max(0, plain) * 8 + written * 8 + read * 2 + add(valuesOf(records, 'tokensOut')) * 32) / 1e6;
  const routingUsd = premiumCostUsd - costUsd;
  const cacheUsd = add(valuesOf(calls, 'savedUsd'));
  const compressionUsd =
    ((add(valuesOf(calls, 'tokensBeforeCompression')) - add(valuesOf(calls, 'tokensAfterCompression'))) * 8) /
    1e6;
  const totalUsd = routingUsd + cacheUsd + compressionUsd;
  const without = costUsd + totalUsd;
  return {
    costUsd,
    premiumCostUsd,
    routingUsd,
    cacheUsd,
    compressionUsd,
    totalUsd,
    share: without === 0 ? null : totalUsd / without,
    unpricedCalls: records.length - valuesOf(records, 'costUsd').length,
  };
};
