import { type ErrorCode, MillraceError, ProviderError } from '@millrace/core/model';
import { redactSecrets } from '@millrace/core/telemetry';
import {
  asObject,
  asText,
  errorOfBody,
  type FailureContext,
  isObject,
  toProviderError,
  transportFailure,
} from '../transport/index.js';

/** What the fields of an error of the AI SDK, or of what a vendor put in its place, may hold. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly statusCode?: unknown;
  readonly responseHeaders?: unknown;
  readonly responseBody?: unknown;
  readonly data?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly lastError?: unknown;
  readonly error?: unknown;
}

const LONGEST_MESSAGE = 500;
const DEEPEST = 4;

/** What the AI SDK's own errors mean. They are known by name and mark, so that the SDK need not be loaded. */
const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  AI_LoadAPIKeyError: 'MISSING_KEY',
  AI_LoadSettingError: 'INVALID_CONFIG',
  AI_UnsupportedModelVersionError: 'INVALID_CONFIG',
  AI_NoSuchModelError: 'NOT_FOUND',
  AI_NoSuchProviderError: 'NOT_FOUND',
  AI_UnsupportedFunctionalityError: 'BAD_REQUEST',
  AI_InvalidPromptError: 'BAD_REQUEST',
  AI_InvalidArgumentError: 'BAD_REQUEST',
  AI_NoSuchProviderReferenceError: 'BAD_REQUEST',
  AI_JSONParseError: 'INVALID_RESPONSE',
  AI_TypeValidationError: 'INVALID_RESPONSE',
  AI_InvalidResponseDataError: 'INVALID_RESPONSE',
  AI_EmptyResponseBodyError: 'INVALID_RESPONSE',
  AI_NoContentGeneratedError: 'INVALID_RESPONSE',
};

/** Connections that fail have a system code, or one of these sentences of `fetch`. */
const CONNECTION =
  /^(?:fetch failed|terminated|network error|Failed to fetch|Load failed|Cannot connect to API\b)/;

/**
 * What a model of the AI SDK threw, or put in an error part, as one of our errors. The original is not kept as a cause:
 * it holds the request.
 *
 * @param begun - Part of the answer has arrived.
 */
export const fromSdkError = (error: unknown, failure: FailureContext, begun: boolean): MillraceError =>
  failure.signal.aborted ? transportFailure(error, failure, begun) : describe(error, failure, begun, 0);

const describe = (error: unknown, failure: FailureContext, begun: boolean, depth: number): MillraceError => {
  if (MillraceError.isInstance(error)) return error;
  const { name, message, cause, lastError, statusCode, ...fields } = asObject<SdkError>(error);
  // The SDK wraps what its retries met, and a gateway of ours that stands behind a model keeps its error as the cause.
  const inner = lastError ?? (MillraceError.isInstance(cause) ? cause : undefined);
  if (inner !== undefined && depth < DEEPEST) return describe(inner, failure, begun, depth + 1);
  if (typeof statusCode === 'number') {
    if (statusCode >= 400) return refused(error, statusCode, failure);
    // An answer that began well and then broke, or that cannot be read.
    return isConnectionFailure(cause) ? transportFailure(cause, failure, begun) : unreadable(error, failure);
  }
  if (!(error instanceof Error))
    return toProviderError({ ...failure, error: errorPart(error), header: noHeader });
  const code = codeByName(error);
  if (code === 'INVALID_RESPONSE') return unreadable(error, failure);
  if (code !== undefined) return ours(code, `was not called: ${clean(error.message)}`, failure);
  if (name === 'TimeoutError')
    return ours('TIMEOUT', 'did not answer in the time that it was given.', failure);
  if (isConnectionFailure(error)) return transportFailure(error, failure, begun);
  // A vendor's own code or type; `ERR_…` are those of the JavaScript runtime.
  if (typeof fields.type === 'string' || (typeof fields.code === 'string' && !fields.code.startsWith('ERR_')))
    return toProviderError({ ...failure, error, header: noHeader });
  return ours(begun ? 'INTERRUPTED' : 'NETWORK', `failed: ${clean(error.message)}`, failure);
};

/** A refusal by HTTP. */
const refused = (error: unknown, status: number, failure: FailureContext): MillraceError => {
  const { message, responseHeaders, responseBody, data, type, code } = asObject<SdkError>(error);
  const names = new Map(
    Object.entries(asObject<Record<string, unknown>>(responseHeaders)).map(([name, value]) => [
      name.toLowerCase(),
      asText(value) ?? null,
    ]),
  );
  const body = asText(responseBody);
  const said = body === undefined ? { message, type, code, ...asObject(errorPart(data)) } : errorOfBody(body);
  return toProviderError({ ...failure, status, error: said, header: (name) => names.get(name) ?? null });
};

/** The error of an error part: what the vendor sent, bare or in an envelope. */
const errorPart = (error: unknown): unknown => {
  const { error: inner } = asObject<SdkError>(error);
  return isObject(inner) || typeof inner === 'string' ? inner : error;
};

/** The message of such an error quotes the answer, and so is not shown. */
const unreadable = (error: unknown, failure: FailureContext): MillraceError => {
  const name = asText(asObject<SdkError>(error).name) ?? 'no name given';
  return ours('INVALID_RESPONSE', `sent an answer that cannot be understood (${name}).`, failure);
};

const ours = (code: ErrorCode, what: string, { provider, model }: FailureContext): ProviderError =>
  new ProviderError(code, `${model === undefined ? provider : `${provider}:${model}`} ${what}`, {
    provider,
    model,
  });

const clean = (message: string): string => redactSecrets(message).slice(0, LONGEST_MESSAGE);

const noHeader = (): null => null;

const codeByName = (error: Error): ErrorCode | undefined =>
  Object.entries(BY_NAME).find(
    ([name]) => Reflect.get(error, Symbol.for(`vercel.ai.error.${name}`)) === true,
  )?.[1];

const isConnectionFailure = (error: unknown): boolean =>
  CONNECTION.test(asText(asObject<SdkError>(error).message) ?? '') || hasSystemCode(error);

const hasSystemCode = (error: unknown, depth = 0): boolean => {
  const { code, cause } = asObject<SdkError>(error);
  if (typeof code === 'string' && /^(?:E[A-Z]{3,}|UND_ERR_\w+|CERT_\w+|DEPTH_\w+)$/.test(code)) return true;
  return depth < DEEPEST && cause !== undefined && hasSystemCode(cause, depth + 1);
};
