import type { MillraceError } from '../../model/errors/millrace-error.js';
import type { Reply } from '../../model/reply.js';
import { evaluateReply } from '../../routing/evaluate/evaluate-reply.js';
import type { History } from '../../routing/history/history.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Call, CallOutcome, Stage } from '../call.js';
import { taskOfCall } from '../task-of-call.js';

/** Tells the routing history how each attempt went: by how it ended, and by what the answer looks like. */
export const learnStage =
  (history: History, logger: Logger): Stage =>
  (next) =>
  (call) => {
    learn(call, history, logger);
    return next(call);
  };

interface Ended {
  readonly status: CallOutcome['status'];
  readonly error?: MillraceError | undefined;
  readonly reply?: Reply | undefined;
}

const learn = (call: Call, history: History, logger: Logger): void => {
  let begun = performance.now();
  const ended = ({ status, error, reply }: Ended): void => {
    const { attempt, cache, partial } = call.trace;
    // An answer that was given before says nothing new.
    if (attempt === undefined || cache !== undefined) return;
    const { category } = taskOfCall(call);
    const outcome = { status, errorCode: error?.code };
    const { success } = evaluateReply({ request: call.request, reply, outcome, category });
    if (success === undefined) return;
    history.record({
      provider: attempt.provider,
      model: attempt.model,
      category,
      success: success ? 1 : 0,
      latencyMs: performance.now() - begun,
      costUsd: partial?.().costUsd,
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
