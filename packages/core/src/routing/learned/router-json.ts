import { base64ToBytes, bytesToBase64 } from '../../internal/base64.js';
import { ConfigError } from '../../model/errors/config-error.js';
import { base64ToFloats, floatsToBase64 } from './base64.js';
import { isModelName } from './router-example.js';
import { type ModelState, type RouterState, type Tally, weightCount } from './router-state.js';
import { createWordMemory, WORD_MEMORY_BYTES } from './word-memory.js';

const FORMAT = 'millrace-learned-router';
const VERSION = 1;

/** A learned router as JSON. Its parts are those of this version and may change in the next. */
export interface LearnedRouterJson {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly seed: number;
  readonly rank: number;
  readonly calibration: { readonly slope: number; readonly intercept: number; readonly familiar: number };
  readonly total: { readonly weight: number; readonly successes: number };
  readonly models: Readonly<Record<string, LearnedModelJson>>;
  /** Base64 of 32-bit floats. */
  readonly weights: string;
  /** Base64 of 32-bit floats. */
  readonly pace: string;
  /** Base64 of bits. */
  readonly words: string;
}

/** One model in a saved router. */
export interface LearnedModelJson {
  readonly examples: number;
  readonly weight: number;
  readonly successes: number;
  readonly offset: number;
  readonly offsetPace: number;
  readonly factors: readonly number[];
  readonly factorPace: number;
}

/** What a router has learned, as JSON. */
export const writeRouter = ({
  seed,
  rank,
  weights,
  pace,
  words,
  models,
  total,
  calibration,
}: RouterState): LearnedRouterJson => ({
  format: FORMAT,
  version: VERSION,
  seed,
  rank,
  calibration,
  total: { ...total },
  models: Object.fromEntries(
    [...models].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, model]) => [name, writeModel(model)]),
  ),
  weights: floatsToBase64(weights),
  pace: floatsToBase64(pace),
  words: bytesToBase64(words.bits),
});

/** In one order, so that the same router gives the same text. */
const writeModel = (model: ModelState): LearnedModelJson => ({
  examples: model.examples,
  weight: model.weight,
  successes: model.successes,
  offset: model.offset,
  offsetPace: model.offsetPace,
  factors: [...model.factors],
  factorPace: model.factorPace,
});

/**
 * The state in a saved router.
 *
 * @throws ConfigError `INVALID_CONFIG`, with the key that is wrong.
 */
export const readRouter = (json: unknown): RouterState => {
  const root = objectAt(json, 'the router');
  if (root['format'] !== FORMAT) {
    throw wrong('format', `is not "${FORMAT}": pass what toJSON() of a learned router gave`);
  }
  if (root['version'] !== VERSION) {
    throw wrong(
      'version',
      `is ${String(root['version'])}, and this release reads ${VERSION}: fit the router again`,
    );
  }
  const rank = numberAt(root['rank'], 'rank', 2, 16);
  if (!Number.isInteger(rank)) throw wrong('rank', 'must be a whole number');
  const calibration = objectAt(root['calibration'], 'calibration');
  const models = Object.entries(objectAt(root['models'], 'models'));
  return {
    seed: numberAt(root['seed'], 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    rank,
    weights: floatsAt(root, 'weights', rank),
    pace: floatsAt(root, 'pace', rank),
    words: createWordMemory(bytesAt(root, 'words', WORD_MEMORY_BYTES)),
    models: new Map(models.map(([name, model]) => [name, readModel(name, model, rank)])),
    total: readTally(objectAt(root['total'], 'total'), 'total'),
    calibration: {
      slope: numberAt(calibration['slope'], 'calibration.slope', 0),
      intercept: numberAt(calibration['intercept'], 'calibration.intercept'),
      familiar: numberAt(calibration['familiar'], 'calibration.familiar', Number.MIN_VALUE, 1),
    },
  };
};

const readTally = (json: Readonly<Record<string, unknown>>, key: string): Tally => {
  const weight = numberAt(json['weight'], `${key}.weight`, 0);
  return { weight, successes: numberAt(json['successes'], `${key}.successes`, 0, weight) };
};

const readModel = (name: string, json: unknown, rank: number): ModelState => {
  const key = `models["${name}"]`;
  if (!isModelName(name)) throw wrong(key, 'must be named provider:model');
  const model = objectAt(json, key);
  const { factors } = model;
  if (!Array.isArray(factors) || factors.length !== rank || !factors.every(Number.isFinite)) {
    throw wrong(`${key}.factors`, `must be a list of ${rank} numbers`);
  }
  return {
    ...readTally(model, key),
    examples: numberAt(model['examples'], `${key}.examples`, 0),
    offset: numberAt(model['offset'], `${key}.offset`),
    offsetPace: numberAt(model['offsetPace'], `${key}.offsetPace`, 0),
    factors: factors.map(Number),
    factorPace: numberAt(model['factorPace'], `${key}.factorPace`, 0),
  };
};

const objectAt = (value: unknown, key: string): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(key, 'must be an object');
  return { ...value };
};

const numberAt = (
  value: unknown,
  key: string,
  least: number = Number.NEGATIVE_INFINITY,
  most: number = Number.POSITIVE_INFINITY,
): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(key, 'must be a number');
  if (value < least || value > most) throw wrong(key, `must be from ${least} to ${most}; it is ${value}`);
  return value;
};

const floatsAt = (parent: Readonly<Record<string, unknown>>, key: string, rank: number): Float32Array => {
  const numbers = decode(parent, key, base64ToFloats);
  const count = weightCount(rank);
  if (numbers.length !== count) throw wrong(key, `must hold ${count} numbers; it holds ${numbers.length}`);
  if (!numbers.every(Number.isFinite)) throw wrong(key, 'holds something that is no number');
  return numbers;
};

const bytesAt = (parent: Readonly<Record<string, unknown>>, key: string, length: number): Uint8Array => {
  const bytes = decode(parent, key, base64ToBytes);
  if (bytes.length !== length) throw wrong(key, `must hold ${length} bytes; it holds ${bytes.length}`);
  return bytes;
};

const decode = <Value>(
  parent: Readonly<Record<string, unknown>>,
  key: string,
  read: (text: string) => Value,
): Value => {
  const text = parent[key];
  if (typeof text !== 'string') throw wrong(key, 'must be base64 text');
  try {
    return read(text);
  } catch (cause) {
    throw wrong(key, 'is not base64', cause);
  }
};

const wrong = (key: string, problem: string, cause?: unknown): ConfigError =>
  new ConfigError(`A saved router cannot be read: ${key} ${problem}.`, { key, cause });
