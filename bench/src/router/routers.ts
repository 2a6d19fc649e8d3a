import { fitRouter, type LearnedRouter, type RouterExample } from '@millrace/core/routing';
import type { Judged } from './data.ts';
import { guess } from './heuristic.ts';
import { randomFrom, shuffled } from './random.ts';

/** For each prompt how much a router is for the strong model. */
export type Scores = Float64Array;

const WEAK = 'mistral:mixtral-8x7b-instruct';
const STRONG = 'openai:gpt-4-1106-preview';

/** Knows nothing. */
export const randomScores = (prompts: readonly Judged[], seed: number): Scores => {
  const random = randomFrom(seed);
  return Float64Array.from(prompts, () => random());
};

/** The guess at the complexity. */
export const heuristicScores = (prompts: readonly Judged[]): Scores =>
  Float64Array.from(prompts, ({ text }) => guess(text).complexity);

const PRIOR = 10;

/**
 * Success by model and category, drawn towards that of all categories: each prompt is scored by those before it and
 * then counted. Both models' results are seen, as with shadow traffic.
 */
export const historyScores = (prompts: readonly Judged[], seed: number): Scores => {
  const scores = new Float64Array(prompts.length);
  const gains = new Map<string, { sum: number; count: number }>();
  const all = { sum: 0, count: 0 };
  for (const at of shuffled(prompts.length, seed)) {
    const prompt = prompts[at];
    if (prompt === undefined) continue;
    const { category, complexity } = guess(prompt.text);
    const key = `${category} ${Math.floor(complexity / 20)}`;
    const own = gains.get(key) ?? { sum: 0, count: 0 };
    const overall = all.sum / Math.max(1, all.count);
    scores[at] = (own.sum + PRIOR * overall) / (own.count + PRIOR);
    own.sum += prompt.strong - prompt.weak;
    own.count += 1;
    all.sum += prompt.strong - prompt.weak;
    all.count += 1;
    gains.set(key, own);
  }
  return scores;
};

/** A learned router that begins empty: each prompt is scored by those before it and then learned from. */
export const onlineScores = (prompts: readonly Judged[], seed: number): Scores => {
  const router = fitRouter([], { seed });
  const scores = new Float64Array(prompts.length);
  for (const at of shuffled(prompts.length, seed)) {
    const prompt = prompts[at];
    if (prompt === undefined) continue;
    scores[at] = gain(router, prompt.text);
    for (const example of examplesOf([prompt])) router.update(example);
  }
  return scores;
};

/** A router fitted on some prompts, asked about others. */
export const fittedScores = (learned: readonly Judged[], asked: readonly Judged[], seed: number): Scores => {
  const router = fitRouter(examplesOf(learned), { seed });
  return Float64Array.from(asked, ({ text }) => gain(router, text));
};

/**
 * Out of fold: groups of prompts are dealt into folds, and each fold is scored by a router fitted on the others.
 *
 * @param groups - For each prompt its group; a group is never on both sides.
 */
export const foldedScores = (
  prompts: readonly Judged[],
  groups: readonly (string | number)[],
  folds: number,
  seed: number,
): Scores => {
  const names = [...new Set(groups)];
  const order = shuffled(names.length, seed);
  const foldOf = new Map(names.map((name, at) => [name, (order[at] ?? 0) % folds]));
  const scores = new Float64Array(prompts.length);
  const inFold = prompts.map((_, at) => foldOf.get(groups[at] ?? ''));
  for (let fold = 0; fold < folds; fold++) {
    const held = [...prompts.keys()].filter((at) => inFold[at] === fold);
    const learned = prompts.filter((_, at) => inFold[at] !== fold);
    const asked = held.flatMap((at) => prompts[at] ?? []);
    const given = fittedScores(learned, asked, seed);
    for (const [index, at] of held.entries()) scores[at] = given[index] ?? 0;
  }
  return scores;
};

const examplesOf = (prompts: readonly Judged[]): RouterExample[] =>
  prompts.flatMap(({ text, weak, strong }) => [
    { request: text, model: WEAK, success: weak },
    { request: text, model: STRONG, success: strong },
  ]);

const gain = (router: LearnedRouter, text: string): number => {
  const [weak, strong] = router.predict(text, [WEAK, STRONG]).models;
  return (strong?.probability ?? 0) - (weak?.probability ?? 0);
};
