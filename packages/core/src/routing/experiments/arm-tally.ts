import type { ExperimentOutcome } from './experiment-outcome.js';
import { countLatency, type LatencyHistogram } from './latency-histogram.js';

/** What is counted of one arm. */
export interface ArmTally {
  calls: number;
  errors: number;
  scores: number;
  scoreSum: number;
  pricedCalls: number;
  costUsd: number;
  readonly latencies: LatencyHistogram;
}

/** Nothing yet. */
export const newArmTally = (): ArmTally => ({
  calls: 0,
  errors: 0,
  scores: 0,
  scoreSum: 0,
  pricedCalls: 0,
  costUsd: 0,
  latencies: {},
});

/** Counts a call. */
export const countOutcome = (
  tally: ArmTally,
  { error, score, latencyMs, costUsd }: ExperimentOutcome,
): void => {
  tally.calls += 1;
  if (error) tally.errors += 1;
  if (score !== null) {
    tally.scores += 1;
    tally.scoreSum += score;
  }
  if (latencyMs !== null) countLatency(tally.latencies, latencyMs);
  if (costUsd !== null) {
    tally.pricedCalls += 1;
    tally.costUsd += costUsd;
  }
};
