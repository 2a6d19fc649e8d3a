import type { ErrorCode } from '../../model/errors/error-code.js';
import { MillraceError } from '../../model/errors/millrace-error.js';
import type { ModelRequest } from '../../model/model-request.js';
import type { TaskCategory } from '../classify/task-verdict.js';
import type { Rating } from '../feedback/rating.js';
import { verdictOf } from './combine-verdicts.js';
import type { Evidence, SuccessVerdict } from './evidence.js';
import { type EvaluatedReply, replyEvidence } from './reply-evidence.js';

/** How a call ended, as the ledger records it. */
export interface CallOutcome {
  readonly status: 'success' | 'error' | 'cancelled' | 'interrupted' | 'retried';
  readonly errorCode?: ErrorCode | null | undefined;
}

/** What the host found out by itself. */
export interface HostVerdict {
  /** What was looked at: `tests`, `merged`, `approved`. No secrets: it is kept. */
  readonly name: string;
  /** `true`, `false`, or a share from 0 to 1. */
  readonly passed: boolean | number;
}

/** What is known of a call; every part is optional. */
export interface EvaluateReplyOptions {
  /** What was asked; with it JSON, tools and limits are taken into account. */
  readonly request?: ModelRequest | undefined;
  readonly reply?: EvaluatedReply | undefined;
  readonly outcome?: CallOutcome | undefined;
  /** What the task was. Without it no length and no code is expected of the reply. */
  readonly category?: TaskCategory | undefined;
  /** What users said. */
  readonly feedback?: readonly Rating[] | undefined;
  readonly host?: readonly HostVerdict[] | undefined;
}

/** What an answer that arrived scores: it says little. */
const ARRIVED = 0.6;

/** Failures that say nothing of the model: the caller, the configuration, our own limits. */
const NOT_THE_MODELS: ReadonlySet<ErrorCode> = new Set([
  'CANCELLED',
  'AUTHENTICATION',
  'PERMISSION_DENIED',
  'MISSING_KEY',
  'QUOTA_EXCEEDED',
  'BUSY',
  'BAD_REQUEST',
  'REQUEST_TOO_LARGE',
  'UNKNOWN_MODEL',
  'UNKNOWN_PROVIDER',
  'PROVIDER_DISABLED',
  'NO_PROVIDER',
  'MISSING_PACKAGE',
  'INVALID_CONFIG',
  'STORAGE',
  'CONFLICT',
  'TAMPERED',
  'WRONG_PASSPHRASE',
  'MASTER_KEY',
  'CLOSED',
]);

const transportEvidence = ({ status, errorCode }: CallOutcome): Evidence[] => {
  if (status === 'cancelled') return [];
  if (status === 'success') return [{ source: 'transport', name: 'arrived', score: ARRIVED }];
  if (errorCode != null && NOT_THE_MODELS.has(errorCode)) return [];
  return [{ source: 'transport', name: errorCode ?? status, score: 0 }];
};

const GOOD_STEPS = 4;

const ratingScore = (rating: Rating): number => {
  if (rating === 'good') return 1;
  if (rating === 'bad') return 0;
  const score = (rating - 1) / GOOD_STEPS;
  if (score >= 0 && score <= 1) return score;
  throw new MillraceError('BAD_REQUEST', 'A rating is "good", "bad" or a number from 1 to 5.');
};

const hostScore = ({ name, passed }: HostVerdict): number => {
  const score = Number(passed);
  if (score >= 0 && score <= 1) return score;
  throw new MillraceError(
    'BAD_REQUEST',
    `The host's verdict "${name}" is ${score}; pass true, false or a number from 0 to 1.`,
  );
};

/**
 * Whether a call did what it was for, by everything that is known of it: how it ended, what the reply looks like
 * (empty, a refusal, too short, no code where code was asked for, broken JSON, cut off, stuck in a loop), what users
 * said and what the host found out. {@link combineVerdicts} says how that is weighed. A cancelled call, and a failure
 * that is not the model's, are no evidence.
 *
 * Pure; in linear time.
 *
 * @throws MillraceError `BAD_REQUEST` for a rating or a host's verdict outside of its range.
 *
 * @example
 * evaluateReply({ reply, request, category: 'code_gen' }).success;
 * evaluateReply({ host: [{ name: 'tests', passed: false }] }).success; // false
 */
export const evaluateReply = (options: EvaluateReplyOptions): SuccessVerdict => {
  const { outcome, reply, feedback = [], host = [] } = options;
  const signals: Evidence[] = [];
  if (outcome !== undefined) signals.push(...transportEvidence(outcome));
  if (reply !== undefined) signals.push(...replyEvidence({ ...options, reply }));
  for (const rating of feedback)
    signals.push({ source: 'feedback', name: 'rating', score: ratingScore(rating) });
  for (const verdict of host) signals.push({ source: 'host', name: verdict.name, score: hostScore(verdict) });
  return verdictOf(signals);
};
