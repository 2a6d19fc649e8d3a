import { createFeatureReader } from './features.js';
import { viewRequest } from './request-view.js';
import { checkExample, type RoutableRequest, type RouterExample } from './router-example.js';
import { type LearnedRouterJson, writeRouter } from './router-json.js';
import {
  baseRate,
  countExample,
  learn,
  overallRate,
  project,
  shift,
  successProbability,
  trust,
} from './router-math.js';
import { modelIn, type RouterState } from './router-state.js';

/** What a router expects of one model. */
export interface ModelPrediction {
  /** `provider:model`. */
  readonly model: string;
  /** That it succeeds at this request, 0 to 1. */
  readonly probability: number;
  /** That it succeeds at any request. */
  readonly baseRate: number;
  /** Examples of this model that were learned from; with 0 the probability is that of the models together. */
  readonly examples: number;
}

/** What a router expects of a request. */
export interface RouterPrediction {
  /** How much the request is like those that were learned from, 0 to 1. At 0 each probability is the base rate. */
  readonly familiarity: number;
  /** In the order in which the models were named. */
  readonly models: readonly ModelPrediction[];
}

/** Knows from examples how likely each model is to succeed at a request. */
export interface LearnedRouter {
  /** Models with examples, sorted. */
  readonly models: readonly string[];
  /** Examples learned from. */
  readonly examples: number;
  /** What to expect of models at a request. The request is read once, however many models are named. */
  predict(request: RoutableRequest, models: readonly string[]): RouterPrediction;
  /**
   * Learn from one more example. The calibration stays as it was fitted: fit again now and then.
   *
   * @throws MillraceError `BAD_REQUEST` when the example is not well formed.
   */
  update(example: RouterExample): void;
  /** Everything that was learned, for `loadRouter`. Holds no prompt; about half a megabyte at the default rank. */
  toJSON(): LearnedRouterJson;
}

/** The router over a state, which becomes its own. */
export const routerFrom = (state: RouterState): LearnedRouter => {
  const read = createFeatureReader();
  return {
    get models() {
      return [...state.models.keys()].toSorted();
    },
    get examples() {
      let examples = 0;
      for (const model of state.models.values()) examples += model.examples;
      return examples;
    },
    predict(request, names) {
      const features = read(viewRequest(request));
      const sums = project(state, features);
      const familiarity = trust(state.words.known(features.words), state.calibration.familiar);
      const overall = overallRate(state);
      const models = names.map((name): ModelPrediction => {
        const model = state.models.get(name);
        const base = baseRate(model, overall);
        return {
          model: name,
          probability: successProbability(base, shift(model, sums), familiarity, state.calibration),
          baseRate: base,
          examples: model?.examples ?? 0,
        };
      });
      return { familiarity, models };
    },
    update(example) {
      const weight = checkExample(example, 'The example');
      if (weight === 0) return;
      const features = read(viewRequest(example.request));
      const model = modelIn(state, example.model);
      countExample(state, model, example.success, weight);
      state.words.add(features.words);
      learn(state, { features, model, success: example.success, weight }, overallRate(state));
    },
    toJSON: () => writeRouter(state),
  };
};
