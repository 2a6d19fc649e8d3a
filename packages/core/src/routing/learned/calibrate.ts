import { sigmoid, trust } from './router-math.js';
import type { Calibration } from './router-state.js';

/** What a router that had not seen an example said of it. */
export interface HeldOut {
  /** Log odds of the model's base rate. */
  readonly base: number;
  readonly moved: number;
  /** The share of known words. */
  readonly known: number;
  readonly success: number;
  readonly weight: number;
}

/** As much as this many examples at even odds speak for leaving slope and intercept as they are. */
const PRIOR = 5;
const STEPS = 25;

/**
 * Platt's scaling: the slope and the intercept under which held-out examples are most likely, found by Newton's
 * method. With few examples they stay near 1 and 0.
 */
export const calibrate = (examples: readonly HeldOut[], untouched: Calibration): Calibration => {
  if (examples.length === 0) return untouched;
  const familiar = Math.max(0.1, examples.reduce((sum, { known }) => sum + known, 0) / examples.length);
  const trusted = Float64Array.from(examples, ({ known }) => trust(known, familiar));
  let slope = 1;
  let intercept = 0;
  for (let step = 0; step < STEPS; step++) {
    let [slopeGradient, interceptGradient] = [PRIOR * (slope - 1), PRIOR * intercept];
    let [bySlope, byBoth, byIntercept] = [PRIOR, 0, PRIOR];
    for (const [at, { base, moved, success, weight }] of examples.entries()) {
      const share = trusted[at] ?? 0;
      const probability = sigmoid(base + share * (slope * moved + intercept));
      const error = weight * (probability - success);
      const curvature = weight * probability * (1 - probability) * share * share;
      slopeGradient += error * share * moved;
      interceptGradient += error * share;
      bySlope += curvature * moved * moved;
      byBoth += curvature * moved;
      byIntercept += curvature;
    }
    const determinant = bySlope * byIntercept - byBoth * byBoth;
    const slopeStep = (byIntercept * slopeGradient - byBoth * interceptGradient) / determinant;
    const interceptStep = (bySlope * interceptGradient - byBoth * slopeGradient) / determinant;
    const length = Math.hypot(slopeStep, interceptStep);
    // Far from the best point Newton's step can be much too long.
    const shortened = Math.max(1, length);
    slope -= slopeStep / shortened;
    intercept -= interceptStep / shortened;
    if (length < 1e-9) break;
  }
  // A slope below zero would say that what was learned is worse than nothing: then nothing is used.
  return { slope: Math.max(0, slope), intercept, familiar };
};
