import { MillraceError } from '../../model/errors/millrace-error.js';
import { checkOption } from '../shared/check-option.js';

/** The two sides of an experiment: what is done now, and what may become better. */
export type ExperimentArm = 'control' | 'challenger';

/** What a side of an experiment calls. */
export interface ExperimentTargets {
  /** Models as callers name them, best first: `openai:gpt-4o`, `tier:economy`. At least one. */
  readonly targets: readonly string[];
}

/** What the challenger must not exceed. Each limit is tested on its calls, and a breach stops the experiment. */
export interface GuardRails {
  /** The share of calls that fail, above 0 and below 1. */
  readonly errorRate?: number | undefined;
  /** The time within which 95 % of calls must end, in milliseconds. */
  readonly p95LatencyMs?: number | undefined;
  /** The mean cost of a call, in US dollars. */
  readonly costUsdPerCall?: number | undefined;
}

/** Calls that are made beside the answer, whose answers nobody sees. */
export interface ShadowTraffic {
  /** Models as callers name them; each is called once. */
  readonly targets: readonly string[];
  /** The share of subjects, 0 to 1. */
  readonly share: number;
}

/** An A/B experiment, as plain data. */
export interface Experiment {
  /** Names it, and decides with the subject who is in which arm. A new id deals everybody anew. */
  readonly id: string;
  /** The categories of calls that take part. Default: all. */
  readonly categories?: readonly string[] | undefined;
  readonly control: ExperimentTargets;
  readonly challenger: ExperimentTargets;
  /** The share of subjects that get the challenger, 0 to 1. Raising it moves nobody back to the control. */
  readonly share: number;
  /**
   * The error rate of the comparison, above 0 and at most 0.5: when both sides are equally good, the experiment is
   * decided either way with at most this probability, however often it is looked at. Default: 0.05.
   */
  readonly alpha?: number | undefined;
  readonly guardRails?: GuardRails | undefined;
  /** The error rate of all guard rails together, above 0 and at most 0.5. Default: 0.05. */
  readonly guardAlpha?: number | undefined;
  /**
   * What counts in the comparison. `subject`: the first score of each subject, because the scores of one subject
   * are alike. `outcome`: every score, for subjects that are used once. Default: `subject`.
   */
  readonly unit?: 'subject' | 'outcome' | undefined;
  /** After so many scores in the comparison it stops as inconclusive. Default: 10000. */
  readonly maxScores?: number | undefined;
  /** Who calls the models of it is the host; nothing is done about it here but to say when. */
  readonly shadow?: ShadowTraffic | undefined;
}

const badExperiment = (id: string, what: string): MillraceError =>
  new MillraceError('INVALID_CONFIG', `The experiment "${id}" needs ${what}.`);

const checkOne = (experiment: Experiment): void => {
  const { id, control, challenger, share, alpha, guardAlpha, guardRails, maxScores, shadow } = experiment;
  if (typeof id !== 'string' || id === '' || id.length > 200) {
    throw new MillraceError('INVALID_CONFIG', 'An experiment needs an "id" of 1 to 200 characters.');
  }
  for (const [name, arm] of Object.entries({ control, challenger })) {
    if (!Array.isArray(arm?.targets) || arm.targets.length === 0) {
      throw badExperiment(id, `"${name}.targets" with at least one model`);
    }
  }
  const named = (option: string): string => `experiments: ${id}: ${option}`;
  checkOption(named('share'), share, { least: 0, most: 1 });
  checkOption(named('alpha'), alpha ?? 0.05, { above: 0, most: 0.5 });
  checkOption(named('guardAlpha'), guardAlpha ?? 0.05, { above: 0, most: 0.5 });
  checkOption(named('maxScores'), maxScores ?? 1, { least: 1 });
  const { errorRate, p95LatencyMs, costUsdPerCall } = guardRails ?? {};
  if (errorRate !== undefined) checkOption(named('errorRate'), errorRate, { above: 0, most: 0.99 });
  if (p95LatencyMs !== undefined) checkOption(named('p95LatencyMs'), p95LatencyMs, { above: 0 });
  if (costUsdPerCall !== undefined) checkOption(named('costUsdPerCall'), costUsdPerCall, { above: 0 });
  if (shadow === undefined) return;
  if (!Array.isArray(shadow.targets)) throw badExperiment(id, '"shadow.targets", a list of models');
  checkOption(named('shadow.share'), shadow.share, { least: 0, most: 1 });
};

/** @throws MillraceError `INVALID_CONFIG` for experiments that cannot be right. */
export const checkExperiments = (experiments: readonly Experiment[]): void => {
  const ids = new Set<string>();
  for (const experiment of experiments) {
    checkOne(experiment);
    if (ids.has(experiment.id)) throw badExperiment(experiment.id, 'an id of its own; there are two of it');
    ids.add(experiment.id);
  }
};
