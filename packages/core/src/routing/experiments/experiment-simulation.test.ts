import { expect, test } from 'vitest';
import { seededRandom } from '../../../test/routing/seeded-random.js';
import { armDealer } from './assign-arm.js';
import type { Experiment, ExperimentArm } from './experiment.js';
import type { ExperimentOutcome } from './experiment-outcome.js';
import { type ExperimentDecision, newExperimentState, takeOutcome } from './experiment-state.js';

const experiment = (part: Partial<Experiment> = {}): Experiment => ({
  id: 'x',
  control: { targets: ['a'] },
  challenger: { targets: ['b'] },
  share: 0.5,
  unit: 'outcome',
  maxScores: 1e9,
  ...part,
});

const outcome = (arm: ExperimentArm, part: Partial<ExperimentOutcome> = {}): ExperimentOutcome => ({
  arm,
  mark: 0,
  score: null,
  error: false,
  latencyMs: null,
  costUsd: null,
  ...part,
});

type Score = (arm: ExperimentArm, random: () => number) => number;

/** Runs one experiment, which is looked at after every outcome, as `takeOutcome` does. */
const simulate = (
  what: Experiment,
  seed: number,
  outcomes: number,
  next: (arm: ExperimentArm, random: () => number) => ExperimentOutcome,
): { readonly decision: ExperimentDecision | undefined; readonly after: number } => {
  const random = seededRandom(seed);
  const state = newExperimentState(what);
  let after = 0;
  while (after < outcomes && state.decision === undefined) {
    after += 1;
    takeOutcome(state, what, next(random() < what.share ? 'challenger' : 'control', random), 0);
  }
  return { decision: state.decision, after };
};

const scoring =
  (score: Score) =>
  (arm: ExperimentArm, random: () => number): ExperimentOutcome =>
    outcome(arm, { score: score(arm, random) });

const EXPERIMENTS = 2_000;
const OUTCOMES = 1_000;
const ALPHA = 0.05;

const decided = (what: Experiment, score: Score): number => {
  let count = 0;
  for (let seed = 1; seed <= EXPERIMENTS; seed++) {
    if (simulate(what, seed, OUTCOMES, scoring(score)).decision !== undefined) count += 1;
  }
  return count / EXPERIMENTS;
};

test.each<[string, number, Score]>([
  ['successes of 70 %', 0.5, (_, random) => (random() < 0.7 ? 1 : 0)],
  ['successes of 95 %, a small share', 0.1, (_, random) => (random() < 0.95 ? 1 : 0)],
  [
    'scores of equal mean and unequal spread',
    0.3,
    (arm, random) => (arm === 'control' ? 0.5 : random() < 0.5 ? 1 : 0),
  ],
])(
  'without a difference, fewer than one in twenty of 2,000 experiments is decided: %s',
  (_, share, score) => {
    expect(decided(experiment({ share }), score)).toBeLessThan(ALPHA);
  },
  60_000,
);

test('a plain z-test that is looked at as often is wrong far more often, so that the simulation can tell', () => {
  let wrong = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const one = { sum: 0, count: 0 };
    const other = { sum: 0, count: 0 };
    for (let count = 0; count < OUTCOMES; count++) {
      const arm = random() < 0.5 ? one : other;
      arm.count += 1;
      arm.sum += random() < 0.7 ? 1 : 0;
      const pooled = (one.sum + other.sum) / (one.count + other.count);
      const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.count + 1 / other.count));
      if (Math.abs(one.sum / one.count - other.sum / other.count) > 1.96 * error) {
        wrong += 1;
        break;
      }
    }
  }
  expect(wrong / 300).toBeGreaterThan(0.2);
});

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor(share * values.length)] ?? Number.NaN;

test('a difference of ten points is found: four times out of five within 1,200 outcomes', () => {
  const results = Array.from({ length: 300 }, (_, seed) =>
    simulate(
      experiment(),
      seed + 1,
      20_000,
      scoring((arm, random) => (random() < (arm === 'control' ? 0.7 : 0.8) ? 1 : 0)),
    ),
  );
  expect(results.every(({ decision }) => decision?.status === 'promoted')).toBe(true);
  const lengths = results.map(({ after }) => after);
  expect(quantile(lengths, 0.5)).toBeLessThan(800);
  expect(quantile(lengths, 0.8)).toBeLessThan(1_200);
}, 60_000);

test('a challenger that is worse is stopped', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { decision } = simulate(
      experiment(),
      seed,
      20_000,
      scoring((arm, random) => (random() < (arm === 'control' ? 0.8 : 0.65) ? 1 : 0)),
    );
    expect(decision).toEqual({ status: 'stopped', reason: 'worse', at: 0 });
  }
});

/** Subjects who differ much from each other, with ten calls each. */
const decidedAmongSubjects = (unit: 'subject' | 'outcome'): number => {
  const runs = 300;
  let count = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const random = seededRandom(seed);
    const what = experiment({ unit, id: `x${seed}` });
    const dealer = armDealer(what.id);
    const people = Array.from({ length: 150 }, (_, index) => ({
      arm: dealer.arm(`s${index}`, what.share),
      mark: dealer.mark.integer(`s${index}`),
      rate: random() < 0.5 ? 0.1 : 0.9,
    }));
    const state = newExperimentState(what);
    for (let call = 0; call < 1_500; call++) {
      const { arm, mark, rate } = people[Math.floor(random() * people.length)] as (typeof people)[number];
      takeOutcome(state, what, outcome(arm, { mark, score: random() < rate ? 1 : 0 }), 0);
    }
    if (state.decision !== undefined) count += 1;
  }
  return count / runs;
};

test('subjects who differ lead to no wrong decisions, because each counts once', () => {
  expect(decidedAmongSubjects('subject')).toBeLessThan(ALPHA);
  expect(decidedAmongSubjects('outcome')).toBeGreaterThan(2 * ALPHA);
}, 60_000);

const guarded = experiment({
  guardRails: { errorRate: 0.05, p95LatencyMs: 1_000, costUsdPerCall: 0.01 },
});

/** Calls of which a part fails, a part is slow, and whose cost is spread exponentially. */
const calls =
  (errors: number, slow: number, cost: number) =>
  (arm: ExperimentArm, random: () => number): ExperimentOutcome =>
    outcome(arm, {
      error: random() < errors,
      latencyMs: random() < slow ? 1_500 : 400,
      costUsd: -Math.log(1 - random()) * cost,
    });

test('of 2,000 experiments at the limits of all three guard rails fewer than 5 % are stopped', () => {
  let stopped = 0;
  for (let seed = 1; seed <= EXPERIMENTS; seed++) {
    if (simulate(guarded, seed, OUTCOMES, calls(0.05, 0.05, 0.01)).decision !== undefined) stopped += 1;
  }
  expect(stopped / EXPERIMENTS).toBeLessThan(ALPHA);
}, 60_000);

test.each([
  ['errorRate', calls(0.15, 0, 0.005)],
  ['p95LatencyMs', calls(0, 0.15, 0.005)],
  ['costUsdPerCall', calls(0, 0, 0.02)],
] as const)('a breach of %s stops the experiment within a few hundred calls', (rail, next) => {
  const lengths: number[] = [];
  for (let seed = 1; seed <= 50; seed++) {
    const { decision, after } = simulate(guarded, seed, 5_000, next);
    expect(decision).toEqual({ status: 'stopped', reason: 'guard-rail', rail, at: 0 });
    lengths.push(after);
  }
  expect(quantile(lengths, 0.8)).toBeLessThan(500);
});

test('an experiment that shows nothing ends as inconclusive', () => {
  const { decision } = simulate(
    experiment({ maxScores: 200 }),
    3,
    1_000,
    scoring(() => 0.5),
  );
  expect(decision).toEqual({ status: 'stopped', reason: 'inconclusive', at: 0 });
});

test('nothing is counted after the decision', () => {
  const what = experiment({ maxScores: 2 });
  const state = newExperimentState(what);
  for (let count = 0; count < 10; count++) {
    takeOutcome(state, what, outcome(count % 2 === 0 ? 'control' : 'challenger', { score: 1 }), count);
  }
  expect(state.decision).toMatchObject({ at: 1 });
  expect(state.arms.control.calls + state.arms.challenger.calls).toBe(2);
});
