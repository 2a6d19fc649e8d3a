import { ERROR_CODES, MillraceError, ProviderError } from '@millrace/core/model';

/** Who sends a failed request again. */
export type Retries = 'caller' | 'gateway';

/** What the AI SDK reads of a failure. */
interface SdkErrorFields {
  readonly [field: string]: unknown;
}

/**
 * What a call of the gateway threw, as the AI SDK understands it: an `APICallError` with status, `retry-after` and
 * whether to retry. Our error is its cause. A cancellation is the reason of the caller's own signal.
 */
export const toSdkError = (
  error: unknown,
  { signal, retries }: { readonly signal: AbortSignal | undefined; readonly retries: Retries },
): unknown => {
  if (signal?.aborted === true) return signal.reason;
  if (!MillraceError.isInstance(error)) return error;
  const { code, message, details } = error;
  const { status, retryAfterMs } = ProviderError.isInstance(error)
    ? error
    : { status: undefined, retryAfterMs: undefined };
  return sdkError('AI_APICallError', message, {
    cause: error,
    // No address, no prompt: both are the vendor's and the caller's own.
    url: 'millrace:gateway',
    requestBodyValues: {},
    statusCode: status ?? ERROR_CODES[code].httpStatus,
    responseHeaders: retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) },
    isRetryable: retries === 'caller' && error.retryable,
    data: { code, details },
  });
};

/** Thrown for a kind of model that a gateway does not have. */
export const noSuchModel = (modelId: string, modelType: string): Error =>
  sdkError(
    'AI_NoSuchModelError',
    `toAiSdk offers language and embedding models, no ${modelType}: ${modelId}`,
    {
      modelId,
      modelType,
    },
  );

/** The AI SDK knows its errors by marks, so that those of another copy of the package match too, and so do these. */
const sdkError = (name: string, message: string, fields: SdkErrorFields): Error =>
  Object.assign(new Error(message), {
    name,
    [Symbol.for('vercel.ai.error')]: true,
    [Symbol.for(`vercel.ai.error.${name}`)]: true,
    ...fields,
  });
