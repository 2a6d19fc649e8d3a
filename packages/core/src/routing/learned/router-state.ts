import { FEATURE_COUNT } from './features.js';
import { hashText, seededRandom } from './hash.js';
import { createWordMemory, type WordMemory } from './word-memory.js';

/** How often something succeeded. */
export interface Tally {
  /** Sum of the weights of the examples. */
  weight: number;
  /** Sum of the weights, each times the success. */
  successes: number;
}

/** What is known of one model. */
export interface ModelState extends Tally {
  examples: number;
  /** Beside its base rate, in log odds. */
  offset: number;
  /** Sum of the squared gradients of the offset. */
  offsetPace: number;
  /** Where the model stands among the others: how much of each of the shared directions is in it. */
  readonly factors: number[];
  /** Sum of the squared gradients of the factors. */
  factorPace: number;
}

/** Everything that a router has learned. */
export interface RouterState {
  readonly seed: number;
  readonly rank: number;
  /** For each feature: how it moves every model, then each of the `rank` directions in which models differ. */
  readonly weights: Float32Array;
  /** For each weight the sum of its squared gradients, which slows it down. */
  readonly pace: Float32Array;
  readonly words: WordMemory;
  readonly models: Map<string, ModelState>;
  /** Of all models together. Kept, because a sum in another order would be another number. */
  readonly total: Tally;
  readonly calibration: Calibration;
}

/** From what the weights say to what happens. */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
  /** The share of known words in a prompt of the kind that was learned from, but new. */
  readonly familiar: number;
}

export const UNCALIBRATED: Calibration = { slope: 1, intercept: 0, familiar: 0.9 };

/** The number of weights of a router of that rank. */
export const weightCount = (rank: number): number => FEATURE_COUNT * (rank + 1);

/** A router that has learned nothing. */
export const emptyState = (seed: number, rank: number): RouterState => ({
  seed,
  rank,
  weights: new Float32Array(weightCount(rank)),
  pace: new Float32Array(weightCount(rank)),
  words: createWordMemory(),
  models: new Map(),
  total: { weight: 0, successes: 0 },
  calibration: UNCALIBRATED,
});

/** The state of a model, made at its first example. */
export const modelIn = (state: RouterState, name: string): ModelState => {
  const known = state.models.get(name);
  if (known !== undefined) return known;
  const model: ModelState = {
    examples: 0,
    weight: 0,
    successes: 0,
    offset: 0,
    offsetPace: 0,
    factors: factorsOf(name, state),
    factorPace: 0,
  };
  state.models.set(name, model);
  return model;
};

/**
 * The first models have a direction each to themselves; later ones begin between the directions, at random but the
 * same for the same name and seed.
 */
const factorsOf = (name: string, { seed, rank, models }: RouterState): number[] => {
  if (models.size < rank) return Array.from({ length: rank }, (_, at) => (at === models.size ? 1 : 0));
  const random = seededRandom(hashText(name) ^ seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const factors = Array.from({ length: rank }, normal);
  const length = Math.hypot(...factors) || 1;
  return factors.map((factor) => factor / length);
};
