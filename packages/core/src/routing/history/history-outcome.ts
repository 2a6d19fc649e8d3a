import { MillraceError } from '../../model/errors/millrace-error.js';
import type { DecayedTally } from './decayed-tally.js';

/** How a call went. */
export interface HistoryOutcome {
  readonly provider: string;
  readonly model: string;
  /** The kind of request, by whatever names the host has. */
  readonly category: string;
  /** 0 for a failure, 1 for a success, or how good the answer was in between. */
  readonly success: number;
  /** Milliseconds; leave it out, or `null`, where it is not known. */
  readonly latencyMs?: number | null | undefined;
  /** US dollars; leave it out, or `null`, where it is not known. */
  readonly costUsd?: number | null | undefined;
  /** When the call ended, in milliseconds since 1970. Default: now. */
  readonly at?: number | undefined;
}

const badOutcome = (what: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `An outcome for the history needs ${what}.`);

const isAmount = (value: number | null | undefined): boolean =>
  value === null || value === undefined || (Number.isFinite(value) && value >= 0);

/** The tally of one outcome. @throws MillraceError `BAD_REQUEST` for figures that cannot be right. */
export const tallyOf = (outcome: HistoryOutcome, now: number): DecayedTally => {
  const { success, latencyMs, costUsd, at = now } = outcome;
  if (!(success >= 0 && success <= 1)) throw badOutcome('a "success" from 0 to 1');
  if (!isAmount(latencyMs)) throw badOutcome('a "latencyMs" of at least 0, or none');
  if (!isAmount(costUsd)) throw badOutcome('a "costUsd" of at least 0, or none');
  if (!Number.isFinite(at)) throw badOutcome('an "at" in milliseconds since 1970, or none');
  return {
    at: Math.max(0, Math.min(at, now)),
    calls: 1,
    successes: success,
    timedCalls: typeof latencyMs === 'number' ? 1 : 0,
    latencyMs: latencyMs ?? 0,
    pricedCalls: typeof costUsd === 'number' ? 1 : 0,
    costUsd: costUsd ?? 0,
  };
};
