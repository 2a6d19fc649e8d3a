import { type BettingTest, bet, newBettingTest } from './betting-test.js';
import type { Experiment, GuardRails } from './experiment.js';
import type { ExperimentOutcome } from './experiment-outcome.js';

/** The name of a guard rail. */
export type GuardRailName = keyof GuardRails;

/** The tests of the guard rails that an experiment has. */
export type GuardRailTests = Partial<Record<GuardRailName, BettingTest>>;

interface Rail {
  /** What must have a mean of at most 1; undefined when the call says nothing about it. */
  readonly part: (outcome: ExperimentOutcome, limit: number) => number | undefined;
  readonly stakes: (limit: number) => readonly number[];
}

/** Of a rate: the best stake for a rate of (1 + d) times the limit is about d times the limit. */
const rateStakes = (limit: number): readonly number[] =>
  [1 / 4, 1 / 2, 1, 2, 4, 8].map((excess) => Math.min(15 / 16, excess * limit));

const SLOW = 0.05;

/**
 * Each guard rail says that a mean is at most its limit: of failures, of calls that take longer than 95 % of them may,
 * of costs. Divided by the limit and less 1 these are the values of a betting test.
 */
const RAILS: Readonly<Record<GuardRailName, Rail>> = {
  errorRate: {
    part: ({ error }, limit) => (error ? 1 / limit : 0),
    stakes: rateStakes,
  },
  p95LatencyMs: {
    part: ({ latencyMs }, limit) => (latencyMs === null ? undefined : latencyMs > limit ? 1 / SLOW : 0),
    stakes: () => rateStakes(SLOW),
  },
  costUsdPerCall: {
    part: ({ costUsd }, limit) => (costUsd === null ? undefined : costUsd / limit),
    stakes: () => [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 15 / 16],
  },
};

/** The guard rails that an experiment has, with their limits. */
export const railsOf = ({ guardRails = {} }: Experiment): readonly (readonly [GuardRailName, number])[] =>
  (Object.keys(RAILS) as GuardRailName[]).flatMap((name) => {
    const limit = guardRails[name];
    return limit === undefined ? [] : [[name, limit] as const];
  });

/** The evidence that a breach needs: its logarithm. The error rate is shared out among the rails. */
export const railThreshold = (experiment: Experiment): number =>
  Math.log(railsOf(experiment).length / (experiment.guardAlpha ?? 0.05));

/** Tests that have seen nothing. */
export const newGuardRailTests = (experiment: Experiment): GuardRailTests =>
  Object.fromEntries(
    railsOf(experiment).map(([name, limit]) => [name, newBettingTest(RAILS[name].stakes(limit))]),
  );

/** Takes in a call of the challenger. Returns the first rail that is breached. */
export const watchGuardRails = (
  tests: GuardRailTests,
  experiment: Experiment,
  outcome: ExperimentOutcome,
): GuardRailName | undefined => {
  let breached: GuardRailName | undefined;
  const needed = railThreshold(experiment);
  for (const [name, limit] of railsOf(experiment)) {
    const test = tests[name];
    const part = RAILS[name].part(outcome, limit);
    if (test === undefined || part === undefined) continue;
    bet(test, part - 1);
    if (test.peak >= needed) breached ??= name;
  }
  return breached;
};
