import type { Effort } from '../cpu.ts';
import type { Measurement } from '../ratio.ts';
import { type Judged, type JudgedSets, loadSets, type SetName } from './data.ts';
import { measurePrediction } from './measure-prediction.ts';
import { groupNearDuplicates } from './near-duplicates.ts';
import { PUBLISHED } from './published.ts';
import { type Estimate, estimate } from './resample.ts';
import {
  fittedScores,
  foldedScores,
  heuristicScores,
  historyScores,
  onlineScores,
  randomScores,
  type Scores,
} from './routers.ts';

const NAMES: readonly SetName[] = ['MT Bench', 'MMLU', 'GSM8K'];
const RANDOM_SEEDS = 200;

/** How much is done. */
interface Plan {
  /** Orders and splits are drawn anew for each. */
  readonly seeds: readonly number[];
  readonly resamples: number;
}

/** The cost-quality curve of the routers on public data, beside what is published, and what a prediction costs. */
export const measureRouter = async (_upstream: string, effort: Effort): Promise<Measurement[]> => {
  const prediction = measurePrediction(effort);
  const sets = loadSets();
  if (sets === undefined) {
    console.log('router: ../shared/data/router is absent, so the cost-quality curves are left out');
    return [prediction];
  }
  const full = effort.scale >= 1;
  const plan: Plan = { seeds: full ? [1, 2, 3] : [1], resamples: full ? 1000 : 200 };
  const used = full ? sets : { ...sets, MMLU: sets.MMLU.filter((_, at) => at % 5 === 0) };
  const groups = groupAll(used);
  const bars = NAMES.map((name) => measureSet(name, used, groups, plan));
  return [prediction, ...bars];
};

/** For each prompt of each set the group of its near-duplicates over all sets. */
const groupAll = (sets: JudgedSets): ReadonlyMap<Judged, number> => {
  const all = NAMES.flatMap((name) => sets[name]);
  const groups = groupNearDuplicates(all.map(({ text }) => text));
  return new Map(all.map((prompt, at) => [prompt, groups[at] ?? at]));
};

const measureSet = (
  name: SetName,
  sets: JudgedSets,
  groupOf: ReadonlyMap<Judged, number>,
  { seeds, resamples }: Plan,
): Measurement => {
  const prompts = sets[name];
  const groups = prompts.map((prompt) => groupOf.get(prompt) ?? -1);
  const runs = (scoresOf: (seed: number) => Scores): Estimate =>
    estimate(prompts, seeds.map(scoresOf), resamples);
  printHead(name, prompts, groups, seeds);

  const random = Array.from({ length: RANDOM_SEEDS }, (_, seed) => randomScores(prompts, seed));
  print(`random, ${RANDOM_SEEDS} seeds`, estimate(prompts, random, resamples));
  print('heuristic', estimate(prompts, [heuristicScores(prompts)], resamples));
  print(
    'history, test then train',
    runs((seed) => historyScores(prompts, seed)),
  );
  print(
    'learned, test then train',
    runs((seed) => onlineScores(prompts, seed)),
  );

  const others = NAMES.filter((other) => other !== name).flatMap((other) => sets[other]);
  const own = new Set(groups);
  const elsewhere = others.filter((prompt) => !own.has(groupOf.get(prompt) ?? -1));
  print(
    'fitted on the other sets',
    runs((seed) => fittedScores(elsewhere, prompts, seed)),
  );
  if (name === 'MMLU') {
    const subjects = prompts.map(({ subject }) => subject ?? '');
    print(
      'fitted, subjects held out',
      runs((seed) => foldedScores(prompts, subjects, 7, seed)),
    );
  }
  const folds = name === 'MT Bench' ? prompts.length : 5;
  const held = name === 'MT Bench' ? 'leave one out' : `${folds} folds`;
  const fitted = runs((seed) => foldedScores(prompts, groups, folds, seed));
  print(`fitted, ${held}`, fitted);
  for (const { router, figures } of PUBLISHED) {
    const [cpt50, cpt80, apgr] = figures[name];
    print(`published: ${router}`, { apgr, cpt50, cpt80 });
  }
  console.log('');
  return {
    name: `router: APGR of the fitted one on ${name}, lower bound`,
    ratio: fitted.low,
    bar: { kind: 'at-least', value: 0.5 },
    detail: `${fitted.apgr.toFixed(3)}, 95 % interval ${fitted.low.toFixed(3)} to ${fitted.high.toFixed(3)}; chance is 0.5`,
  };
};

const printHead = (
  name: SetName,
  prompts: readonly Judged[],
  groups: readonly number[],
  seeds: readonly number[],
): void => {
  const alike = prompts.length - new Set(groups).size;
  console.log(
    `${name}: ${prompts.length} prompts, of which ${alike} are near-duplicates of others; seeds ${seeds.join(', ')}`,
  );
  console.log(`${''.padEnd(46)} CPT50  CPT80   APGR  95 % interval`);
};

const print = (
  router: string,
  { cpt50, cpt80, apgr, low, high }: Omit<Estimate, 'low' | 'high'> & Partial<Estimate>,
): void => {
  const interval = low === undefined || high === undefined ? '' : `${low.toFixed(3)} … ${high.toFixed(3)}`;
  console.log(
    `  ${router.padEnd(44)} ${cpt50.toFixed(1).padStart(5)}  ${cpt80.toFixed(1).padStart(5)}  ${apgr.toFixed(3)}  ${interval}`,
  );
};
