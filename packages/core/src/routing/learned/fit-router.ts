import { MillraceError } from '../../model/errors/millrace-error.js';
import { calibrate, type HeldOut } from './calibrate.js';
import { createFeatureReader, type Features, keepFeatures } from './features.js';
import { addToHash, HASH_START, seededRandom, spread } from './hash.js';
import { type LearnedRouter, routerFrom } from './learned-router.js';
import { viewRequest } from './request-view.js';
import { checkExample, type RoutableRequest, type RouterExample } from './router-example.js';
import { baseRate, countExample, learn, logit, overallRate, project, shift } from './router-math.js';
import { type Calibration, emptyState, modelIn, type RouterState, UNCALIBRATED } from './router-state.js';

/** How to fit a router. */
export interface FitRouterOptions {
  /** Decides the order of the examples and where models stand at first. The same examples and seed give the same router. Default 1. */
  readonly seed?: number | undefined;
  /**
   * In how many directions models may differ, 2 to 16. So many models are told apart freely; more share what is learned
   * of them. The size of the saved router grows with it. Default 4.
   */
  readonly rank?: number | undefined;
}

const EPOCHS = 5;
const FOLDS = 4;
/** With fewer distinct prompts, those that are held out say nothing about the others. */
const FEWEST_PROMPTS = 40;
const MAXIMUM_RANK = 16;
/** Slope and intercept are two numbers: more examples make them no better. */
const ENOUGH_HELD_OUT = 2000;

interface Row {
  readonly features: Features;
  readonly model: string;
  readonly success: number;
  readonly weight: number;
  /** The same for prompts that differ only in numbers, signs and case: they are held out together. */
  readonly group: number;
}

/**
 * Learn from examples how likely each model is to succeed at a request. Takes some milliseconds a hundred examples and
 * keeps some kilobytes for each distinct prompt while it runs; a router without examples is a start for `update`.
 *
 * @throws MillraceError `BAD_REQUEST` for an example or an option that is not well formed.
 */
export const fitRouter = (
  examples: Iterable<RouterExample>,
  { seed = 1, rank = 4 }: FitRouterOptions = {},
): LearnedRouter => {
  if (!Number.isSafeInteger(seed)) {
    throw new MillraceError('BAD_REQUEST', `seed must be a whole number; it is ${String(seed)}.`);
  }
  if (!Number.isInteger(rank) || rank < 2 || rank > MAXIMUM_RANK) {
    throw new MillraceError(
      'BAD_REQUEST',
      `rank must be a whole number from 2 to ${MAXIMUM_RANK}; it is ${String(rank)}.`,
    );
  }
  const rows = readRows(examples, seed);
  return routerFrom(train(rows, emptyState(seed, rank), calibration(rows, seed, rank)));
};

const readRows = (examples: Iterable<RouterExample>, seed: number): Row[] => {
  const read = createFeatureReader();
  const seen = new Map<RoutableRequest, { readonly features: Features; readonly group: number }>();
  const rows: Row[] = [];
  let index = 0;
  for (const example of examples) {
    const weight = checkExample(example, `examples[${index}]`);
    index += 1;
    if (weight === 0) continue;
    const { request, model, success } = example;
    let prompt = seen.get(request);
    if (prompt === undefined) {
      const features = read(viewRequest(request));
      prompt = { features: keepFeatures(features), group: groupOf(features.words, seed) };
      seen.set(request, prompt);
    }
    rows.push({ ...prompt, model, success, weight });
  }
  return rows;
};

const groupOf = (words: readonly number[], seed: number): number =>
  spread(words.reduce(addToHash, HASH_START ^ seed));

/** Parts of the examples are held out by turns, and what a router that has not seen them says of them is compared. */
const calibration = (rows: readonly Row[], seed: number, rank: number): Calibration => {
  if (new Set(rows.map(({ group }) => group)).size < FEWEST_PROMPTS) return UNCALIBRATED;
  const heldOut: HeldOut[] = [];
  for (let fold = 0; fold < FOLDS && heldOut.length < ENOUGH_HELD_OUT; fold++) {
    const seen = rows.filter(({ group }) => group % FOLDS !== fold);
    const unseen = rows.filter(({ group }) => group % FOLDS === fold);
    if (seen.length === 0 || unseen.length === 0) continue;
    const state = train(seen, emptyState(seed, rank), UNCALIBRATED);
    const overall = overallRate(state);
    for (const { features, model: name, success, weight } of unseen) {
      const model = state.models.get(name);
      heldOut.push({
        base: logit(baseRate(model, overall)),
        moved: shift(model, project(state, features)),
        known: state.words.known(features.words),
        success,
        weight,
      });
    }
  }
  return calibrate(heldOut, UNCALIBRATED);
};

const train = (rows: readonly Row[], state: RouterState, calibrated: Calibration): RouterState => {
  // By name, so that it does not matter which model comes first.
  for (const name of [...new Set(rows.map(({ model }) => model))].toSorted()) modelIn(state, name);
  for (const { features, model, success, weight } of rows) {
    countExample(state, modelIn(state, model), success, weight);
    state.words.add(features.words);
  }
  const overall = overallRate(state);
  const random = seededRandom(state.seed);
  const order = Uint32Array.from(rows.keys());
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, random);
    for (const index of order) {
      const row = rows[index];
      if (row === undefined) continue;
      learn(state, { ...row, model: modelIn(state, row.model) }, overall);
    }
  }
  return { ...state, calibration: calibrated };
};

const shuffle = (order: Uint32Array, random: () => number): void => {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
};
