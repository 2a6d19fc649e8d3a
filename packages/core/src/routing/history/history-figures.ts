import { type DecayedTally, decay } from './decayed-tally.js';
import { wilsonInterval } from './wilson-interval.js';

/** What is known of one model for one category of requests. */
export interface HistoryFigures {
  /** How many calls it rests on: a call of now counts 1, one of a half-life ago 0.5. */
  readonly calls: number;
  /** The weighted mean of the scores, 0 to 1; undefined without calls. */
  readonly successRate: number | undefined;
  /**
   * The rate is at least this, with 95 % confidence: Wilson's score interval on the weighted calls. 0 without calls.
   * The weight of old calls fades, so that what is known for certain fades too.
   */
  readonly lowerBound: number;
  /** The rate is at most this, with 95 % confidence. 1 without calls. */
  readonly upperBound: number;
  /** The weighted mean, in milliseconds; undefined when it is not known of any call. */
  readonly latencyMs: number | undefined;
  /** The weighted mean of a call, in US dollars; undefined when it is not known of any call. */
  readonly costUsd: number | undefined;
}

/** What is known of a model that was never called. */
export const NO_HISTORY: HistoryFigures = {
  calls: 0,
  successRate: undefined,
  lowerBound: 0,
  upperBound: 1,
  latencyMs: undefined,
  costUsd: undefined,
};

const mean = (sum: number, weight: number): number | undefined => (weight > 0 ? sum / weight : undefined);

/** What a tally says at a time. */
export const figuresOf = (tally: DecayedTally, now: number, halfLifeMs: number): HistoryFigures => {
  const left = decay(tally.at, now, halfLifeMs);
  const calls = left * tally.calls;
  const { lower, upper } = wilsonInterval(left * tally.successes, calls);
  return {
    calls,
    successRate: mean(tally.successes, tally.calls),
    lowerBound: lower,
    upperBound: upper,
    latencyMs: mean(tally.latencyMs, tally.timedCalls),
    costUsd: mean(tally.costUsd, tally.pricedCalls),
  };
};
