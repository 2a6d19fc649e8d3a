import { type ArmTally, countOutcome, newArmTally } from './arm-tally.js';
import { type Comparison, compareScore, newComparison } from './comparison.js';
import type { Experiment, ExperimentArm } from './experiment.js';
import type { ExperimentOutcome } from './experiment-outcome.js';
import { type GuardRailName, type GuardRailTests, newGuardRailTests, watchGuardRails } from './guard-rail.js';
import { markSubject, newSubjectMarks, type SubjectMarks } from './subject-marks.js';

/** Why an experiment was stopped. */
export type StopReason = 'worse' | 'guard-rail' | 'inconclusive';

/** What was decided, and when. */
export type ExperimentDecision =
  | { readonly status: 'promoted'; readonly at: number }
  | {
      readonly status: 'stopped';
      readonly reason: StopReason;
      /** The guard rail that was breached. */
      readonly rail?: GuardRailName | undefined;
      readonly at: number;
    };

/** Everything that is known of an experiment. Changed in place. */
export interface ExperimentState {
  /** Undefined while it runs. */
  decision: ExperimentDecision | undefined;
  readonly arms: Record<ExperimentArm, ArmTally>;
  readonly comparison: Comparison;
  readonly rails: GuardRailTests;
  /** Subjects whose score was counted. */
  readonly marks: SubjectMarks;
}

/** An experiment that has begun. */
export const newExperimentState = (experiment: Experiment): ExperimentState => ({
  decision: undefined,
  arms: { control: newArmTally(), challenger: newArmTally() },
  comparison: newComparison(),
  rails: newGuardRailTests(experiment),
  marks: newSubjectMarks(),
});

/** The evidence that a decision needs: its logarithm. Half of the error rate is for each direction. */
export const comparisonThreshold = ({ alpha = 0.05 }: Experiment): number => Math.log(2 / alpha);

const decide = (
  experiment: Experiment,
  { comparison }: ExperimentState,
  at: number,
): ExperimentDecision | undefined => {
  const needed = comparisonThreshold(experiment);
  if (comparison.better.peak >= needed) return { status: 'promoted', at };
  if (comparison.worse.peak >= needed) return { status: 'stopped', reason: 'worse', at };
  return comparison.scores >= (experiment.maxScores ?? 10_000)
    ? { status: 'stopped', reason: 'inconclusive', at }
    : undefined;
};

/** Takes in an outcome, and decides when it is enough. After the decision nothing changes. */
export const takeOutcome = (
  state: ExperimentState,
  experiment: Experiment,
  outcome: ExperimentOutcome,
  at: number,
): void => {
  if (state.decision !== undefined) return;
  const { arm, mark, score } = outcome;
  countOutcome(state.arms[arm], outcome);
  if (arm === 'challenger') {
    const rail = watchGuardRails(state.rails, experiment, outcome);
    if (rail !== undefined) {
      state.decision = { status: 'stopped', reason: 'guard-rail', rail, at };
      return;
    }
  }
  if (score === null) return;
  if (experiment.unit !== 'outcome' && markSubject(state.marks, mark)) return;
  compareScore(state.comparison, { arm, score, share: experiment.share });
  state.decision = decide(experiment, state, at);
};
