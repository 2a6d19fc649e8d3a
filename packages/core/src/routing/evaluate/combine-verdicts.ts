import type { Evidence, EvidenceSource, SuccessVerdict } from './evidence.js';

/**
 * What each source weighs. Each weighs more than all weaker ones together, so that one word of the host outweighs all
 * guesses by looks, and one rating of the user does.
 */
export const EVIDENCE_WEIGHTS: Readonly<Record<EvidenceSource, number>> = {
  transport: 1,
  reply: 2,
  feedback: 8,
  host: 32,
};

const SOURCES = Object.keys(EVIDENCE_WEIGHTS) as readonly EvidenceSource[];
const UNKNOWN_SCORE = 0.5;
const DIGITS = 1e6;

const worst = (scores: readonly number[]): number => Math.min(...scores);

/** Sorted, so that the order in which evidence came in does not show in the last digit. */
const mean = (scores: readonly number[]): number =>
  scores.toSorted((one, other) => one - other).reduce((sum, score) => sum + score, 0) / scores.length;

/** One fault spoils a call or a reply; people and tests may disagree. */
const scoreOf: Readonly<Record<EvidenceSource, (scores: readonly number[]) => number>> = {
  transport: worst,
  reply: worst,
  feedback: mean,
  host: mean,
};

/** The verdict that some evidence gives. */
export const verdictOf = (signals: readonly Evidence[]): SuccessVerdict => {
  let points = 0;
  let weights = 0;
  for (const source of SOURCES) {
    const scores = signals.filter((one) => one.source === source).map(({ score }) => score);
    if (scores.length === 0) continue;
    points += EVIDENCE_WEIGHTS[source] * scoreOf[source](scores);
    weights += EVIDENCE_WEIGHTS[source];
  }
  if (weights === 0) return { success: undefined, score: UNKNOWN_SCORE, signals };
  const score = Math.round((points / weights) * DIGITS) / DIGITS;
  return { success: score >= UNKNOWN_SCORE, score, signals };
};

/**
 * One verdict from several: that of the reply, say, and that of the feedback which came a day later. Their evidence is
 * put together and weighed anew ({@link EVIDENCE_WEIGHTS}): the score of a source is its worst for `transport` and
 * `reply` and its mean for `feedback` and `host`; the verdict's is the weighted mean of the sources that said
 * something. The order does not matter, and a verdict without evidence changes nothing.
 */
export const combineVerdicts = (verdicts: readonly SuccessVerdict[]): SuccessVerdict =>
  verdictOf(verdicts.flatMap(({ signals }) => signals));
