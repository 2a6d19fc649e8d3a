import { type CurveFigures, curveFigures, type Ranked } from './curve.ts';
import type { Judged } from './data.ts';
import { randomFrom } from './random.ts';

/** Figures with an interval that holds 95 % of the resamples. */
export interface Estimate extends CurveFigures {
  readonly low: number;
  readonly high: number;
}

/**
 * The figures of a router: their mean over several runs (of other seeds), and the bootstrap interval of APGR: prompts
 * are drawn with replacement, as many times for each run.
 *
 * @param runs - For each run the scores of all prompts.
 */
export const estimate = (
  prompts: readonly Judged[],
  runs: readonly Float64Array[],
  resamples: number,
): Estimate => {
  const figures: CurveFigures[] = [];
  const drawn: number[] = [];
  for (const [run, scores] of runs.entries()) {
    const order = Uint32Array.from(prompts.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
    figures.push(curveFigures(rank(prompts, scores, order)));
    const random = randomFrom(1000 + run);
    for (let sample = 0; sample < resamples / runs.length; sample++) {
      drawn.push(curveFigures(rank(prompts, scores, draw(order, random))).apgr);
    }
  }
  drawn.sort((a, b) => a - b);
  const mean = (of: keyof CurveFigures): number =>
    figures.reduce((sum, one) => sum + one[of], 0) / figures.length;
  return {
    apgr: mean('apgr'),
    cpt50: mean('cpt50'),
    cpt80: mean('cpt80'),
    low: drawn[Math.floor(0.025 * drawn.length)] ?? Number.NaN,
    high: drawn[Math.floor(0.975 * drawn.length)] ?? Number.NaN,
  };
};

const rank = (prompts: readonly Judged[], scores: Float64Array, order: Uint32Array): Ranked => ({
  scores: Float64Array.from(order, (at) => scores[at] ?? 0),
  weak: Float64Array.from(order, (at) => prompts[at]?.weak ?? 0),
  strong: Float64Array.from(order, (at) => prompts[at]?.strong ?? 0),
});

/** As many as there are, with replacement, still in order. */
const draw = (order: Uint32Array, random: () => number): Uint32Array => {
  const times = new Uint32Array(order.length);
  for (let count = 0; count < order.length; count++) {
    const at = Math.floor(random() * order.length);
    times[at] = (times[at] ?? 0) + 1;
  }
  const drawn = new Uint32Array(order.length);
  let size = 0;
  for (const [at, prompt] of order.entries()) {
    for (let time = times[at] ?? 0; time > 0; time--) drawn[size++] = prompt;
  }
  return drawn;
};
