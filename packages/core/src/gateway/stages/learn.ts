import type { MillraceError } from '../../model/errors/millrace-error.js';
import type { Reply } from '../../model/reply.js';
import { evaluateReply } from '../../routing/evaluate/evaluate-reply.js';
import type { Experiments } from '../../routing/experiments/experiments.js';
import type { History } from '../../routing/history/history.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, CallOutcome, Stage } from '../call.js';
import { taskOfCall } from '../task-of-call.js';

/** What learns from calls. */
interface LearnOptions {
  readonly history: History | undefined;
  readonly experiments: Experiments | undefined;
  readonly logger: Logger;
  /** Whether there is somebody who wants to know at the moment. */
  readonly learns: () => boolean;
}

/** Tells the routing history and the experiments how each attempt went: by how it ended, and by what the answer looks like. */
export const learnStage =
  (options: LearnOptions): Stage =>
  (next) =>
  (call) => {
    if (options.learns() || call.routing?.mode === 'cost-aware') learn(call, options);
    return next(call);
  };

interface Ended {
  readonly status: CallOutcome['status'];
  readonly error?: MillraceError | undefined;
  readonly reply?: Reply | undefined;
}

const learn = (call: Call, { history, experiments, logger }: LearnOptions): void => {
  let begun = performance.now();
  const ended = ({ status, error, reply }: Ended): void => {
    const { attempt, cache, partial, assignment } = call.trace;
    // An answer that was given before says nothing new.
    if (attempt === undefined || cache !== undefined) return;
    const { category } = taskOfCall(call);
    const outcome = { status, errorCode: error?.code };
    const { success } = evaluateReply({ request: call.request, reply, outcome, category });
    const latencyMs = performance.now() - begun;
    const costUsd = partial?.().costUsd;
    // A model that stands in is not what the arm of the experiment calls.
    if (assignment !== undefined && attempt.failover !== true && success !== undefined) {
      const error = status !== 'success';
      experiments?.record(assignment, { score: success ? 1 : 0, error, latencyMs, costUsd });
    }
    if (success === undefined) return;
    history?.record({
      provider: attempt.provider,
      model: attempt.model,
      category,
      success: success ? 1 : 0,
      latencyMs,
      costUsd,
    });
  };
  call.watch({
    retry({ error, delayMs }) {
      ended({ status: 'retried', error });
      begun = performance.now() + delayMs;
    },
    end({ status, error, reply }) {
      try {
        ended({ status, error, reply: reply?.() });
      } catch (failure) {
        logger.warn({ callId: call.id, error: failure }, 'nothing was learned from a call');
      }
    },
  });
};
