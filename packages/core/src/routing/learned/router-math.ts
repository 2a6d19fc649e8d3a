import type { Features } from './features.js';
import type { Calibration, ModelState, RouterState } from './router-state.js';

/** A model's own base rate counts as much as that of all models after this many examples. */
const BASE_PRIOR = 10;
/** What sets a model apart from the others counts half after this many examples. */
const OWN_PRIOR = 20;
const LEARNING_RATE = 0.02;
const FACTOR_RATE = 0.1;
const FIRST_PACE = 0.01;
/** Strength of the pull towards zero (L2). */
const PULL = 0.001;

export const sigmoid = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));
export const logit = (probability: number): number => Math.log(probability / (1 - probability));

/** How the features of a request move every model (first), and each direction in which models differ. */
export const project = ({ weights, rank }: RouterState, features: Features): Float64Array => {
  const width = rank + 1;
  const sums = new Float64Array(width);
  const { size, places, values } = features;
  for (let at = 0; at < size; at++) {
    const value = values[at] ?? 0;
    const start = (places[at] ?? 0) * width;
    for (let column = 0; column < width; column++) {
      sums[column] = (sums[column] ?? 0) + value * (weights[start + column] ?? 0);
    }
  }
  return sums;
};

/** The success rate of all models, with one success and one failure to begin with. */
export const overallRate = ({ total }: RouterState): number => (total.successes + 1) / (total.weight + 2);

/** A model's success rate whatever the request, drawn towards that of all models while it has few examples. */
export const baseRate = (model: ModelState | undefined, overall: number): number =>
  model === undefined ? overall : (model.successes + BASE_PRIOR * overall) / (model.weight + BASE_PRIOR);

/** How far a request moves the log odds of a model away from its base rate. */
export const shift = (model: ModelState | undefined, sums: Float64Array): number => {
  const shared = sums[0] ?? 0;
  if (model === undefined) return shared;
  let own = 0;
  for (let at = 0; at < model.factors.length; at++) own += (model.factors[at] ?? 0) * (sums[at + 1] ?? 0);
  return model.offset + shared + ownShare(model) * own;
};

const ownShare = ({ weight }: ModelState): number => weight / (weight + OWN_PRIOR);

/** How much of the shift to believe, 0 to 1: by the share of known words, against what is usual for new prompts. */
export const trust = (known: number, familiar: number): number => Math.min(1, known / familiar) ** 2;

/** The probability that a model succeeds. */
export const successProbability = (
  base: number,
  moved: number,
  trusted: number,
  { slope, intercept }: Calibration,
): number => sigmoid(logit(base) + trusted * (slope * moved + intercept));

/** Count an example in the base rate of its model and of all. */
export const countExample = (
  { total }: RouterState,
  model: ModelState,
  success: number,
  weight: number,
): void => {
  model.examples += 1;
  for (const tally of [model, total]) {
    tally.weight += weight;
    tally.successes += weight * success;
  }
};

/** One example that the weights learn from. */
export interface Lesson {
  readonly features: Features;
  readonly model: ModelState;
  readonly success: number;
  readonly weight: number;
}

/** One step of AdaGrad on the log loss. The example is counted already. */
export const learn = (
  state: RouterState,
  { features, model, success, weight }: Lesson,
  overall: number,
): void => {
  const { weights, pace, rank } = state;
  const width = rank + 1;
  const sums = project(state, features);
  const moved = shift(model, sums);
  const error = weight * (sigmoid(logit(baseRate(model, overall)) + moved) - success);
  const directions = [1, ...model.factors.map((factor) => factor * ownShare(model))];
  const { size, places, values } = features;
  for (let at = 0; at < size; at++) {
    const slope = error * (values[at] ?? 0);
    const start = (places[at] ?? 0) * width;
    for (let column = 0; column < width; column++) {
      const index = start + column;
      const old = weights[index] ?? 0;
      const gradient = slope * (directions[column] ?? 0) + PULL * old;
      const squares = (pace[index] ?? 0) + gradient * gradient;
      pace[index] = squares;
      weights[index] = old - (LEARNING_RATE * gradient) / Math.sqrt(FIRST_PACE + squares);
    }
  }
  // With no more models than directions each has one to itself, and learning stays convex.
  if (state.models.size > rank) turn(model, sums, error);
  model.offsetPace += error * error;
  model.offset -= (LEARNING_RATE * error) / Math.sqrt(1 + model.offsetPace);
};

/** Turn a model towards the directions that explain its error; its factors keep the length 1. */
const turn = (model: ModelState, sums: Float64Array, error: number): void => {
  const { factors } = model;
  const share = error * ownShare(model);
  for (let at = 0; at < factors.length; at++) model.factorPace += (share * (sums[at + 1] ?? 0)) ** 2;
  const step = (FACTOR_RATE * share) / Math.sqrt(FIRST_PACE + model.factorPace);
  for (let at = 0; at < factors.length; at++) factors[at] = (factors[at] ?? 0) - step * (sums[at + 1] ?? 0);
  const length = Math.hypot(...factors) || 1;
  for (let at = 0; at < factors.length; at++) factors[at] = (factors[at] ?? 0) / length;
};
