import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Handler } from '../create-handler.js';
import { type Answer, answerOf, isResponse, jsonAnswer, toResponse } from '../http/answer.js';
import { directHandler } from '../http/direct-handler.js';
import { type RequestHint, setRequestHint } from '../http/request-hint.js';
import { errorBody } from '../openai/error-body.js';
import { writeAnswer } from './write-answer.js';

/** What a mount adds to a request on its way. */
export interface ForwardOptions {
  readonly hint?: RequestHint | undefined;
  /** Asked before anything is written; `false` when the host answers instead. */
  readonly claim?: ((answer: Answer | Response) => boolean) | undefined;
}

const malformed = (): Response =>
  toResponse(
    jsonAnswer(400, errorBody('invalid_request_error', 'The request line or the Host header is malformed.')),
  );

/**
 * Hand a request of `node:http` to a handler and write its answer.
 *
 * The request side is `@hono/node-server`: its request is built lazily and aborts its signal when the client goes
 * away. The response side is our own, because that library prints errors of a body to the console, sends their text
 * to the client, and is quick only when it may replace the global `Response` of the host's process.
 */
export const forward = (
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { hint, claim }: ForwardOptions = {},
): Promise<void> => {
  const ask = directHandler(handler) ?? handler;
  const listener = getRequestListener(
    async (request) => {
      if (hint !== undefined) setRequestHint(request, hint);
      const given = await ask(request);
      const answer = isResponse(given) ? (answerOf(given) ?? given) : given;
      if (claim?.(answer) !== false) await writeAnswer(answer, outgoing);
      return RESPONSE_ALREADY_SENT;
    },
    {
      overrideGlobalObjects: false,
      hostname: 'localhost',
      errorHandler: () => malformed(),
    },
  );
  return listener(incoming, outgoing);
};
