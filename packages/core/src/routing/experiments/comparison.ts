import { type BettingTest, bet, newBettingTest } from './betting-test.js';
import type { ExperimentArm } from './experiment.js';

/**
 * The comparison of two arms: scores wait until there is a block of both, and the difference of the block's means,
 * challenger less control, is one value for two tests: that the challenger is no better, and that it is no worse.
 */
export interface Comparison {
  readonly waiting: Record<ExperimentArm, number[]>;
  /** How many differences there were, and their sum. */
  differences: number;
  differenceSum: number;
  /** Scores that were taken into differences. */
  scores: number;
  /** Against the hypothesis that the challenger is no better. */
  readonly better: BettingTest;
  /** Against the hypothesis that it is no worse. */
  readonly worse: BettingTest;
}

/** Doubled from one to the next, so that whatever the difference is, some stake is near the best for it. */
const STAKES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 15 / 16];
/** An arm that comes this far ahead of the other drops what comes in: by arrival, whatever the score is. */
const MAX_WAITING = 64;
/** More of the larger arm in a block makes the difference hardly any surer. */
const MAX_PARTS = 4;

/** A comparison that has seen nothing. */
export const newComparison = (): Comparison => ({
  waiting: { control: [], challenger: [] },
  differences: 0,
  differenceSum: 0,
  scores: 0,
  better: newBettingTest(STAKES),
  worse: newBettingTest(STAKES),
});

const mean = (scores: readonly number[]): number =>
  scores.reduce((sum, score) => sum + score, 0) / scores.length;

/** How many scores of an arm make a block, by its share of the subjects. */
const parts = (share: number): number =>
  Math.max(1, Math.min(MAX_PARTS, Math.floor(share / Math.max(1e-9, 1 - share) + 1e-9)));

/** Takes in a score. The size of a block depends on the share alone, so that no score has a say in what it meets. */
export const compareScore = (
  comparison: Comparison,
  { arm, score, share }: { readonly arm: ExperimentArm; readonly score: number; readonly share: number },
): void => {
  const { waiting } = comparison;
  if (waiting[arm].length >= MAX_WAITING) return;
  waiting[arm].push(score);
  const size = { control: parts(1 - share), challenger: parts(share) };
  if (waiting.control.length < size.control || waiting.challenger.length < size.challenger) return;
  const control = waiting.control.splice(0, size.control);
  const challenger = waiting.challenger.splice(0, size.challenger);
  const difference = mean(challenger) - mean(control);
  comparison.differences += 1;
  comparison.differenceSum += difference;
  comparison.scores += control.length + challenger.length;
  bet(comparison.better, difference);
  bet(comparison.worse, -difference);
};
