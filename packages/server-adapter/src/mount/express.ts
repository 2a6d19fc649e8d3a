import type { IncomingMessage, ServerResponse } from 'node:http';
import { MillraceError } from '@millrace/core/model';
import type { Handler } from '../create-handler.js';
import { type ForwardOptions, forward } from './forward.js';

/** A request of Express, as far as it matters here. */
export interface ExpressRequest extends IncomingMessage {
  /** What a body parser left. */
  readonly body?: unknown;
  /** The raw body, where the host keeps it. */
  readonly rawBody?: unknown;
}

/** Fits wherever Express takes a request handler. */
export type ExpressHandler = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

const toText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
    : undefined;
};

/** The body that a parser took from the stream; `undefined` when the stream is still whole. */
const parsedBody = (request: ExpressRequest): string | object | undefined => {
  if (!request.readableDidRead || request.method === 'GET' || request.method === 'HEAD') return undefined;
  const text = toText(request.rawBody) ?? toText(request.body);
  if (text !== undefined) return text;
  if (typeof request.body === 'object' && request.body !== null) return request.body;
  throw new MillraceError(
    'INVALID_CONFIG',
    'The request body was read before it reached Millrace, and is not in `req.body`. Mount Millrace before whatever reads it.',
  );
};

/**
 * Serve a handler from an Express app: `app.use(toExpress(handler))`, or under a path: `app.use('/api', …)`. Works
 * before and after `express.json()`. Paths that are not the handler's go on to the next one.
 */
export const toExpress =
  (handler: Handler): ExpressHandler =>
  (request, response, next) => {
    try {
      const body = parsedBody(request);
      const claim: ForwardOptions['claim'] = (answer) => {
        if (!('unmatched' in answer)) return true;
        next();
        return false;
      };
      forward(handler, request, response, { hint: body === undefined ? undefined : { body }, claim }).catch(
        next,
      );
    } catch (error) {
      next(error);
    }
  };
