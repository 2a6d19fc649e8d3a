import { MillraceError, ProviderError } from '@millrace/core/model';
import {
  asObject,
  asText,
  type FailureContext,
  parseJson,
  toProviderError,
  transportFailure,
} from '../transport/index.js';

/** Their errors carry their name as a symbol, so that they are known whichever copy of the package threw them. */
const hasMarker = (error: unknown, name: string): boolean =>
  typeof error === 'object' &&
  error !== null &&
  Reflect.get(error, Symbol.for(`vercel.ai.error.${name}`)) === true;

interface ForeignCallError {
  readonly message?: unknown;
  readonly statusCode?: unknown;
  readonly responseHeaders?: unknown;
  readonly responseBody?: unknown;
  readonly data?: unknown;
  readonly cause?: unknown;
}

/** What `fetch` throws when a connection fails, at once or while the answer is read. */
const isConnectionFailure = (error: unknown): boolean =>
  error instanceof TypeError ||
  /^(?:UND_ERR|ECONN|EPIPE|ETIMEDOUT)/.test(asText(asObject<{ code?: unknown }>(error).code) ?? '');

const MEANINGS = {
  AI_LoadAPIKeyError: 'MISSING_KEY',
  AI_NoSuchModelError: 'NOT_FOUND',
  AI_UnsupportedFunctionalityError: 'BAD_REQUEST',
  AI_InvalidPromptError: 'BAD_REQUEST',
  AI_InvalidArgumentError: 'BAD_REQUEST',
  AI_NoSuchProviderReferenceError: 'BAD_REQUEST',
  AI_EmptyResponseBodyError: 'INVALID_RESPONSE',
  AI_InvalidResponseDataError: 'INVALID_RESPONSE',
  AI_JSONParseError: 'INVALID_RESPONSE',
  AI_TypeValidationError: 'INVALID_RESPONSE',
} as const;

/** What went wrong in a model of the AI SDK, as one of our errors. */
export const errorIn = (error: unknown, context: FailureContext, begun: boolean): MillraceError => {
  const { provider, model, signal } = context;
  if (signal.aborted || MillraceError.isInstance(error)) return transportFailure(error, context, begun);
  if (hasMarker(error, 'AI_RetryError')) {
    const { lastError } = asObject<{ lastError?: unknown }>(error);
    return errorIn(lastError, context, begun);
  }
  if (hasMarker(error, 'AI_APICallError')) return callErrorIn(error as ForeignCallError, context, begun);
  for (const [name, code] of Object.entries(MEANINGS)) {
    if (!hasMarker(error, name)) continue;
    // Theirs may quote the answer; ours must not.
    const said = code === 'INVALID_RESPONSE' ? 'the answer could not be understood' : messageOf(error);
    return new ProviderError(code, `${provider}:${model}: ${said}`.slice(0, 500), { provider, model });
  }
  const {
    type,
    message,
    error: inner,
  } = asObject<{ type?: unknown; message?: unknown; error?: unknown }>(error);
  // An error that came inside a stream, as the vendor wrote it.
  if (
    !(error instanceof Error) &&
    (typeof message === 'string' || typeof type === 'string' || inner !== undefined)
  )
    return toProviderError({ ...context, error: inner ?? error, header: () => null });
  return transportFailure(error, context, begun);
};

const messageOf = (error: unknown): string =>
  asText(asObject<{ message?: unknown }>(error).message) ?? 'it failed';

const callErrorIn = (error: ForeignCallError, context: FailureContext, begun: boolean): MillraceError => {
  const status = typeof error.statusCode === 'number' ? error.statusCode : undefined;
  if (status === undefined) return transportFailure(error, context, begun);
  // An answer that began well and then broke, or that could not be read.
  if (status < 400) {
    const { provider, model } = context;
    const broken = transportFailure(error.cause, context, begun);
    if (isConnectionFailure(error.cause)) return broken;
    const message = `${provider}:${model} sent something that cannot be read; check the base URL.`;
    return new ProviderError('INVALID_RESPONSE', message, { provider, model, status });
  }
  const headers = asObject<Record<string, unknown>>(error.responseHeaders);
  const body = error.data ?? parseJson(asText(error.responseBody) ?? '');
  const { error: inner = body } = asObject<{ error?: unknown }>(body);
  const said = typeof inner === 'object' && inner !== null ? inner : { message: error.message };
  return toProviderError({
    ...context,
    status,
    error: said,
    header: (name) => asText(headers[name]) ?? null,
  });
};

/**
 * Our error as the AI SDK knows them. It is never retried there: the gateway has done so already, and twice would
 * multiply the attempts.
 */
export const errorOut = (error: unknown, signal: AbortSignal | undefined): unknown => {
  if (signal?.aborted === true)
    return signal.reason ?? new DOMException('The call was aborted.', 'AbortError');
  if (!MillraceError.isInstance(error)) return error;
  const { status, retryAfterMs } = error as Partial<ProviderError>;
  return Object.assign(new Error(error.message, { cause: error }), {
    name: 'AI_APICallError',
    [Symbol.for('vercel.ai.error')]: true,
    [Symbol.for('vercel.ai.error.AI_APICallError')]: true,
    url: 'millrace:gateway',
    requestBodyValues: undefined,
    statusCode: status,
    responseHeaders: retryAfterMs === undefined ? undefined : { 'retry-after-ms': String(retryAfterMs) },
    isRetryable: false,
    data: { code: error.code, details: error.details },
  });
};
