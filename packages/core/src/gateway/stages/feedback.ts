import { MillraceError } from '../../model/errors/millrace-error.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { Usage } from '../../model/usage.js';
import { parseFeedback } from '../../routing/feedback/parse-feedback.js';
import type { Call, Stage } from '../call.js';
import type { FeedbackReply, FeedbackRequest } from '../feedback.js';

type GiveFeedback = (request: FeedbackRequest) => Promise<FeedbackReply>;

/**
 * Answers `/feedback good|bad|1-5 [taskId]` in a chat, without a model, a record or the cache. Anything else goes on.
 */
export const feedbackStage =
  (give: GiveFeedback): Stage =>
  (next) =>
  (call) => {
    const command = parseFeedback(newestText(call));
    if (command === undefined) return next(call);
    return answer(call, async () => {
      if ('problem' in command) return command.problem;
      const { user, project } = call.labels;
      const { callId, rating } = await give({
        rating: command.rating,
        callId: command.taskId,
        user,
        project,
        signal: call.cancellation.signal,
      });
      return `Thank you. The answer ${callId} is rated ${rating} of 5.`;
    });
  };

/** Only a message that is one text can be a command. */
const newestText = ({ request }: Call): string => {
  const last = request.messages.at(-1);
  if (last?.role !== 'user' || last.content.length !== 1) return '';
  const [part] = last.content;
  return part?.type === 'text' ? part.text : '';
};

const NOTHING_USED: Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
  estimated: false,
};

async function* answer(call: Call, run: () => Promise<string>): AsyncGenerator<ModelEvent> {
  const text = await run().catch((error: unknown) => {
    // What the person can mend is told as an answer.
    if (MillraceError.isInstance(error) && (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST'))
      return error.message;
    throw error;
  });
  const route = { provider: 'millrace', model: 'feedback', reason: 'answered without a model' };
  yield { type: 'stream-start', warnings: [], callId: call.id, route };
  yield { type: 'text-start', id: '0' };
  yield { type: 'text-delta', id: '0', delta: text };
  yield { type: 'text-end', id: '0' };
  const cost = { tokensIn: 0, tokensOut: 0, costUsd: 0, estimated: false };
  yield { type: 'finish', finishReason: 'stop', usage: NOTHING_USED, cost };
}
