import type { ArmTally } from './arm-tally.js';
import { logEvidence } from './betting-test.js';
import type { Experiment, ExperimentArm } from './experiment.js';
import { comparisonThreshold, type ExperimentDecision, type ExperimentState } from './experiment-state.js';
import { type GuardRailName, railsOf, railThreshold } from './guard-rail.js';
import { latencyQuantile } from './latency-histogram.js';

/** What is known of one arm. Means are undefined where nothing is known. */
export interface ArmReport {
  readonly calls: number;
  readonly errorRate: number | undefined;
  readonly meanScore: number | undefined;
  /** To within 5 %, in milliseconds. */
  readonly p95LatencyMs: number | undefined;
  readonly costUsdPerCall: number | undefined;
}

/**
 * How far a test is. `evidence` is what a gambler against the hypothesis would have made of 1 by now (an e-value), and
 * `peak` the most he ever had: the decision falls when that reaches `needed`.
 */
export interface EvidenceReport {
  readonly evidence: number;
  readonly peak: number;
  readonly needed: number;
}

/** How an experiment stands. */
export interface ExperimentReport {
  readonly experiment: string;
  readonly decision: ExperimentDecision | undefined;
  readonly arms: Readonly<Record<ExperimentArm, ArmReport>>;
  /** Scores that were compared. */
  readonly comparedScores: number;
  /** The mean score of the challenger less that of the control, in what was compared. */
  readonly difference: number | undefined;
  readonly better: EvidenceReport;
  readonly worse: EvidenceReport;
  readonly guardRails: readonly (EvidenceReport & { readonly rail: GuardRailName; readonly limit: number })[];
}

const ratio = (sum: number, count: number): number | undefined => (count > 0 ? sum / count : undefined);

const armReport = (tally: ArmTally): ArmReport => ({
  calls: tally.calls,
  errorRate: ratio(tally.errors, tally.calls),
  meanScore: ratio(tally.scoreSum, tally.scores),
  p95LatencyMs: latencyQuantile(tally.latencies, 0.95),
  costUsdPerCall: ratio(tally.costUsd, tally.pricedCalls),
});

/** Says how an experiment stands. */
export const reportExperiment = (experiment: Experiment, state: ExperimentState): ExperimentReport => {
  const { arms, comparison, rails, decision } = state;
  const evidence = (test: typeof comparison.better, needed: number): EvidenceReport => ({
    evidence: Math.exp(logEvidence(test)),
    peak: Math.exp(test.peak),
    needed: Math.exp(needed),
  });
  const needed = comparisonThreshold(experiment);
  return {
    experiment: experiment.id,
    decision,
    arms: { control: armReport(arms.control), challenger: armReport(arms.challenger) },
    comparedScores: comparison.scores,
    difference: ratio(comparison.differenceSum, comparison.differences),
    better: evidence(comparison.better, needed),
    worse: evidence(comparison.worse, needed),
    guardRails: railsOf(experiment).flatMap(([rail, limit]) => {
      const test = rails[rail];
      return test === undefined ? [] : [{ rail, limit, ...evidence(test, railThreshold(experiment)) }];
    }),
  };
};
