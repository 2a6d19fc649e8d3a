import {
  BudgetError,
  ERROR_CODES,
  type ErrorCode,
  type JsonValue,
  MillraceError,
  ProviderError,
} from '@millrace/core/model';
import { type Logger, silentLogger } from '@millrace/core/telemetry';
import { type Answer, jsonAnswer } from '../http/answer.js';
import { type ErrorBody, errorBody, errorBodyOf } from './error-body.js';

/** What is known of the request that failed. */
export interface ErrorContext {
  /** The id of the call, when there was one. */
  readonly callId?: string | undefined;
  /** Told of errors that the client may not see in full. Default: says nothing. */
  readonly logger?: Logger | undefined;
}

/** An error in the words of HTTP and of OpenAI. */
export interface ErrorDescription {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

const callIdOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The text for errors of the server's own making, which are no business of its clients. */
const hidden = (callId: string | undefined): string =>
  `The server had an internal error. ${callId === undefined ? 'Its log says more.' : `Its log says more under ${callId}.`}`;

/** OpenAI's clients repeat these by themselves. */
const isRepeatedByClients = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || status >= 500;

/** The gateway has repeated the request already, so that a client that does the same would multiply the attempts. */
const REPEATED_BY_GATEWAY: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMITED',
  'OVERLOADED',
  'SERVER_ERROR',
  'NETWORK',
  'INTERRUPTED',
  'INVALID_RESPONSE',
]);

const retryHeaders = (error: MillraceError, status: number): Record<string, string> => {
  const wait =
    ProviderError.isInstance(error) || BudgetError.isInstance(error) ? error.retryAfterMs : undefined;
  const isFinal = !error.retryable || (wait === undefined && REPEATED_BY_GATEWAY.has(error.code));
  return {
    ...(wait !== undefined && {
      'retry-after': String(Math.ceil(wait / 1000)),
      'retry-after-ms': String(Math.ceil(wait)),
    }),
    ...(isFinal && isRepeatedByClients(status) && { 'x-should-retry': 'false' }),
  };
};

/** Describe any error to a client. What is not meant for it goes to the log instead. */
export const describeError = (error: unknown, context: ErrorContext = {}): ErrorDescription => {
  const { logger = silentLogger } = context;
  if (!MillraceError.isInstance(error)) {
    logger.error({ error, callId: context.callId }, 'A request failed for a reason that is not known.');
    const body = errorBody('server_error', hidden(context.callId), 'internal_error');
    return { status: 500, body, headers: { 'x-should-retry': 'false' } };
  }
  const callId = context.callId ?? callIdOf(error.details['callId']);
  const status = ERROR_CODES[error.code]?.httpStatus ?? 500;
  const internal = status === 500;
  if (internal) logger.error({ error, callId }, 'A request failed because of the server itself.');
  return {
    status,
    body: errorBodyOf(error.code, internal ? hidden(callId) : error.message, error.details),
    headers: { ...retryHeaders(error, status), ...(callId !== undefined && { 'x-task-id': callId }) },
  };
};

/** Answer with any error. */
export const toErrorAnswer = (error: unknown, context: ErrorContext = {}): Answer => {
  const { status, body, headers } = describeError(error, context);
  return jsonAnswer(status, body, headers);
};
