import type { SetName } from './data.ts';

/** Figures of RouteLLM (arXiv 2406.18665 v4) on the same models: CPT50, CPT80, APGR. */
export interface Published {
  readonly router: string;
  readonly figures: Readonly<Record<SetName, readonly [cpt50: number, cpt80: number, apgr: number]>>;
}

export const PUBLISHED: readonly Published[] = [
  {
    router: 'random',
    figures: { 'MT Bench': [49.03, 78.08, 0.5], MMLU: [50.07, 79.93, 0.5], GSM8K: [50, 80.08, 0.497] },
  },
  {
    router: 'matrix factorisation, arena',
    figures: { 'MT Bench': [25.32, 74.26, 0.58], MMLU: [45, 76.86, 0.524], GSM8K: [53.59, 85.24, 0.475] },
  },
  {
    router: 'SW ranking, arena',
    figures: { 'MT Bench': [37.85, 58.99, 0.61], MMLU: [55.82, 80.25, 0.473], GSM8K: [54.43, 82.11, 0.475] },
  },
  {
    router: 'matrix factorisation, arena + judge or gold',
    figures: { 'MT Bench': [13.4, 31.31, 0.802], MMLU: [35.46, 71.4, 0.597], GSM8K: [38.82, 72.62, 0.565] },
  },
  {
    router: 'SW ranking, arena + judge or gold',
    figures: { 'MT Bench': [23.21, 36.04, 0.759], MMLU: [35.4, 71.55, 0.603], GSM8K: [41.21, 72.2, 0.568] },
  },
  {
    router: 'causal LLM, arena + judge or gold',
    figures: { 'MT Bench': [31.5, 48.75, 0.679], MMLU: [35.49, 70.31, 0.6], GSM8K: [33.64, 63.26, 0.622] },
  },
];
