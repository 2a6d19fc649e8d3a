import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
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

type Listener = ReturnType<typeof getRequestListener>;

/** Thrown to tell the library that the answer is written: it then has nothing more to do. */
const WRITTEN = Symbol('written');

const createListener = (handler: Handler, { hint, claim }: ForwardOptions): Listener => {
  const ask = directHandler(handler) ?? handler;
  return getRequestListener(
    async (request, { outgoing }) => {
      if (hint !== undefined) setRequestHint(request, hint);
      const given = await ask(request);
      const answer = isResponse(given) ? (answerOf(given) ?? given) : given;
      if (claim?.(answer) !== false) await writeAnswer(answer, outgoing as ServerResponse);
      throw WRITTEN;
    },
    {
      overrideGlobalObjects: false,
      hostname: 'localhost',
      errorHandler: (error) => (error === WRITTEN ? undefined : malformed()),
    },
  );
};

const plainListeners = new WeakMap<Handler, Listener>();

const plainListener = (handler: Handler): Listener => {
  const known = plainListeners.get(handler);
  if (known !== undefined) return known;
  const listener = createListener(handler, {});
  plainListeners.set(handler, listener);
  return listener;
};

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
  options?: ForwardOptions,
): Promise<void> => {
  const listener = options === undefined ? plainListener(handler) : createListener(handler, options);
  return listener(incoming, outgoing);
};
