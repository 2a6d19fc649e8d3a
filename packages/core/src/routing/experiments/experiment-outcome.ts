import { MillraceError } from '../../model/errors/millrace-error.js';
import type { ExperimentArm } from './experiment.js';

/** How a call of an experiment went. */
export interface ObservedOutcome {
  /** How good the answer was, 0 to 1; leave it out where it is not known. A failed call without a score has 0. */
  readonly score?: number | null | undefined;
  /** The call failed. Default: false. A call that was cancelled is no outcome. */
  readonly error?: boolean | undefined;
  /** Milliseconds; leave it out where it is not known. */
  readonly latencyMs?: number | null | undefined;
  /** US dollars; leave it out where it is not known. */
  readonly costUsd?: number | null | undefined;
}

/** The same, with nothing left out, and whose it is. */
export interface ExperimentOutcome {
  readonly arm: ExperimentArm;
  /** A number of the subject's. */
  readonly mark: number;
  readonly score: number | null;
  readonly error: boolean;
  readonly latencyMs: number | null;
  readonly costUsd: number | null;
}

const badOutcome = (what: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `An outcome of an experiment needs ${what}.`);

const isAmount = (value: number | null): boolean => value === null || (Number.isFinite(value) && value >= 0);

/** @throws MillraceError `BAD_REQUEST` for figures that cannot be right. */
export const checkOutcome = (
  outcome: ObservedOutcome,
  whose: Pick<ExperimentOutcome, 'arm' | 'mark'>,
): ExperimentOutcome => {
  const { error = false, latencyMs = null, costUsd = null } = outcome;
  const score = outcome.score ?? (error ? 0 : null);
  if (score !== null && !(score >= 0 && score <= 1)) throw badOutcome('a "score" from 0 to 1, or none');
  if (!isAmount(latencyMs)) throw badOutcome('a "latencyMs" of at least 0, or none');
  if (!isAmount(costUsd)) throw badOutcome('a "costUsd" of at least 0, or none');
  return { ...whose, score, error, latencyMs, costUsd };
};
