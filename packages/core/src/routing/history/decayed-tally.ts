/**
 * Sums over outcomes that lose half their weight in every half-life. Two tallies add up to the tally of both lots of
 * outcomes, in any order, which is what lets processes count apart and put together what they counted.
 */
export interface DecayedTally {
  /** The time that the weights are of, in milliseconds since 1970. */
  readonly at: number;
  /** The sum of weights: an outcome of now counts 1, one of a half-life ago 0.5. */
  readonly calls: number;
  /** The weighted sum of scores. */
  readonly successes: number;
  /** Outcomes whose latency is known, and the weighted sum of milliseconds. */
  readonly timedCalls: number;
  readonly latencyMs: number;
  /** Outcomes whose cost is known, and the weighted sum of US dollars. */
  readonly pricedCalls: number;
  readonly costUsd: number;
}

/** What is left of a weight. A time that lies ahead, by another machine's clock, counts as now. */
export const decay = (fromMs: number, toMs: number, halfLifeMs: number): number =>
  fromMs >= toMs ? 1 : 2 ** ((fromMs - toMs) / halfLifeMs);

/** Adds two tallies up, as of the later one's time. */
export const addTallies = (
  one: DecayedTally | undefined,
  other: DecayedTally,
  halfLifeMs: number,
): DecayedTally => {
  if (one === undefined) return other;
  const at = Math.max(one.at, other.at);
  const a = decay(one.at, at, halfLifeMs);
  const b = decay(other.at, at, halfLifeMs);
  return {
    at,
    calls: a * one.calls + b * other.calls,
    successes: a * one.successes + b * other.successes,
    timedCalls: a * one.timedCalls + b * other.timedCalls,
    latencyMs: a * one.latencyMs + b * other.latencyMs,
    pricedCalls: a * one.pricedCalls + b * other.pricedCalls,
    costUsd: a * one.costUsd + b * other.costUsd,
  };
};

/** The tally that is worth keeping at a time: none when hardly anything is left of it. */
export const LEAST_CALLS = 0.01;

const FIELDS = [
  'at',
  'calls',
  'successes',
  'timedCalls',
  'latencyMs',
  'pricedCalls',
  'costUsd',
] as const satisfies readonly (keyof DecayedTally)[];

/** A tally as a row of numbers. */
export const tallyToRow = (tally: DecayedTally): readonly number[] =>
  FIELDS.map((field) => (field === 'at' ? tally.at : Number(tally[field].toPrecision(10))));

/** A tally from what {@link tallyToRow} made; undefined for anything else. A time that lies ahead becomes `now`. */
export const tallyFromRow = (row: unknown, now: number): DecayedTally | undefined => {
  if (!Array.isArray(row) || row.length !== FIELDS.length) return undefined;
  if (!row.every((value): value is number => Number.isFinite(value) && value >= 0)) return undefined;
  const [at = 0, calls = 0, successes = 0, timedCalls = 0, latencyMs = 0, pricedCalls = 0, costUsd = 0] = row;
  return { at: Math.min(at, now), calls, successes, timedCalls, latencyMs, pricedCalls, costUsd };
};
