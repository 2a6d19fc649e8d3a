import type { Ledger } from '../ledger/ledger.js';
import type { LedgerRecord } from '../ledger/ledger-record.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { evaluateReply, type HostVerdict } from '../routing/evaluate/evaluate-reply.js';
import type { SuccessVerdict } from '../routing/evaluate/evidence.js';
import type { Experiments } from '../routing/experiments/experiments.js';
import type { Rating } from '../routing/feedback/rating.js';
import type { History } from '../routing/history/history.js';
import type { Emit } from './emitter.js';

/** What is said of the answer of a call. At least a rating or one verdict. */
export interface FeedbackRequest {
  /** What a person says: `good` is 5, `bad` is 1. */
  readonly rating?: Rating | undefined;
  /** What the host found out: tests passed, a pull request was merged. Weighs most. */
  readonly verdicts?: readonly HostVerdict[] | undefined;
  /** The call, or the beginning of its id. Default: the latest answered one. */
  readonly callId?: string | undefined;
  /** Only among calls of this user. */
  readonly user?: string | undefined;
  /** Only among calls of this project. */
  readonly project?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of it. */
export interface FeedbackReply {
  /** The call that it was about. */
  readonly callId: string;
  /** 1 to 5; null when there was no rating. */
  readonly rating: number | null;
  /** Everything that is known of the call now. */
  readonly verdict: SuccessVerdict;
}

/** What feedback is told to. */
export interface FeedbackOptions {
  readonly ledger: Ledger;
  readonly history: History | undefined;
  readonly experiments: Experiments | undefined;
  readonly emit: Emit;
}

/** Calls that are looked through for one by the beginning of its id, or for the latest one. */
const MOST_CALLS = 1_000;
const SHORTEST_ID = 4;
const RATINGS: readonly unknown[] = ['good', 'bad', 1, 2, 3, 4, 5];

/** Takes feedback down: in the ledger, and for the routing to learn from. */
export const createFeedback =
  ({ ledger, history, experiments, emit }: FeedbackOptions) =>
  async (request: FeedbackRequest): Promise<FeedbackReply> => {
    check(request);
    const record = await findCall(ledger, request);
    const rating = request.rating === undefined ? null : stars(request.rating);
    if (rating !== null) await ledger.rate(record.id, rating);
    const { status, errorCode, provider, model, category } = record;
    const said = {
      feedback: request.rating === undefined ? [] : [request.rating],
      host: request.verdicts ?? [],
    };
    const verdict = evaluateReply({ outcome: { status, errorCode }, ...said });
    if (history !== undefined && provider !== null && model !== null && verdict.success !== undefined) {
      history.record({
        provider,
        model,
        category: category ?? 'other',
        success: verdict.success ? 1 : 0,
        latencyMs: record.latencyMs,
        costUsd: record.costUsd,
      });
    }
    const { experiment, experimentArm: arm } = record;
    if (experiments !== undefined && experiment !== null && (arm === 'control' || arm === 'challenger')) {
      experiments.record({ experiment, subject: record.user ?? record.id, arm }, { score: verdict.score });
    }
    emit('call-feedback', { id: record.id, rating, verdict });
    return { callId: record.id, rating, verdict };
  };

const stars = (rating: Rating): number => {
  if (rating === 'good') return 5;
  return rating === 'bad' ? 1 : rating;
};

const bad = (message: string): MillraceError => new MillraceError('BAD_REQUEST', message);

const check = ({ rating, verdicts, callId }: FeedbackRequest): void => {
  if (rating === undefined && (verdicts === undefined || verdicts.length === 0))
    throw bad('Feedback needs a `rating` (good, bad, or 1 to 5) or `verdicts`.');
  if (rating !== undefined && !RATINGS.includes(rating))
    throw bad('`rating` must be good, bad, or a whole number from 1 to 5.');
  if (verdicts !== undefined) {
    const wrong = verdicts.some(
      ({ name, passed }) =>
        typeof name !== 'string' ||
        (typeof passed !== 'boolean' && !(typeof passed === 'number' && passed >= 0 && passed <= 1)),
    );
    if (wrong)
      throw bad('Each of `verdicts` needs a `name`, and `passed`: true, false, or a number from 0 to 1.');
  }
  if (callId !== undefined && (typeof callId !== 'string' || callId.length < SHORTEST_ID))
    throw bad(`\`callId\` must be the id of a call, or its first ${SHORTEST_ID} characters or more.`);
};

/** Only a call of the same user and project: nobody rates the calls of others. */
const findCall = async (
  ledger: Ledger,
  { callId, user, project, signal }: FeedbackRequest,
): Promise<LedgerRecord> => {
  const own = (record: LedgerRecord): boolean =>
    (user === undefined || record.user === user) && (project === undefined || record.project === project);
  if (callId !== undefined) {
    const exact = await ledger.get(callId);
    if (exact !== undefined && own(exact)) return exact;
  }
  const status = callId === undefined ? ('success' as const) : undefined;
  const most = callId === undefined ? 1 : MOST_CALLS;
  const { rows } = await ledger.list({ user, project, status, limit: most, signal });
  const found = callId === undefined ? rows : rows.filter(({ id }) => id.startsWith(callId.toLowerCase()));
  const [record] = found;
  if (record === undefined)
    throw new MillraceError(
      'NOT_FOUND',
      callId === undefined
        ? 'There is no answered call yet that could be rated.'
        : `There is no call whose id begins with "${callId.slice(0, 40)}".`,
    );
  if (found.length > 1)
    throw bad(`${found.length} calls have ids that begin with "${callId?.slice(0, 40)}". Give more of it.`);
  return record;
};
