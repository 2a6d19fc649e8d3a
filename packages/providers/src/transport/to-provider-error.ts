import { type ErrorCode, ProviderError } from '@millrace/core/model';
import { redactSecrets } from '@millrace/core/telemetry';
import { asObject, asText } from './untrusted.js';

/** A failed answer of a vendor. */
export interface VendorFailure {
  readonly provider: string;
  readonly model?: string | undefined;
  /** The HTTP status; absent for an error inside a stream that began well. */
  readonly status?: number | undefined;
  /** The `error` of the body, or the whole body where there is none. */
  readonly error: unknown;
  readonly header: (name: string) => string | null;
  /** When to try again, in milliseconds, where the vendor says so in the body. */
  readonly retryAfterMs?: number | undefined;
  /** The key in use; never shown, whatever its shape. */
  readonly secret?: string | undefined;
}

const LONGEST_MESSAGE = 500;

/** What vendors call their failures, by words in the code or type that they give. */
const BY_NAME: readonly (readonly [RegExp, ErrorCode])[] = [
  [/context_length|string_above_max_length|max_tokens_exceeded|prompt_too_long/, 'CONTEXT_LENGTH'],
  [/content_filter|content_policy|moderation|safety/, 'CONTENT_FILTER'],
  [/insufficient_quota|billing|credit|exceeded_quota|payment/, 'QUOTA_EXCEEDED'],
  [/rate_limit|too_many_requests|tokens_per|requests_per|resource_exhausted/, 'RATE_LIMITED'],
  [/invalid_api_key|authentication|unauthorized|invalid_authentication|expired_api_key/, 'AUTHENTICATION'],
  [/permission|forbidden|access_denied/, 'PERMISSION_DENIED'],
  [/model_not_found|not_found/, 'NOT_FOUND'],
  [/overloaded|capacity|unavailable|engine_overloaded/, 'OVERLOADED'],
  [/timeout|timed_out/, 'TIMEOUT'],
  [/server_error|internal_error|api_error|internal_server/, 'SERVER_ERROR'],
  [/invalid_request|bad_request|validation|unsupported|invalid_/, 'BAD_REQUEST'],
];

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'AUTHENTICATION',
  402: 'QUOTA_EXCEEDED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'TIMEOUT',
  409: 'SERVER_ERROR',
  413: 'REQUEST_TOO_LARGE',
  422: 'BAD_REQUEST',
  429: 'RATE_LIMITED',
  503: 'OVERLOADED',
  504: 'TIMEOUT',
  529: 'OVERLOADED',
};

/** Make one of our errors of what a vendor answered. Its message holds the vendor's sentence, without any key. */
export const toProviderError = (failure: VendorFailure): ProviderError => {
  const { provider, model, header, secret } = failure;
  const error = asObject<{
    message?: unknown;
    code?: unknown;
    type?: unknown;
    status?: unknown;
    param?: unknown;
  }>(failure.error);
  const status = failure.status ?? (typeof error.code === 'number' ? error.code : undefined);
  const said = asText(error.message) ?? asText(failure.error) ?? 'no reason given';
  const clean = (text: string): string => redactSecrets(text, secret === undefined ? [] : [secret]);
  const sentence = clean(said).slice(0, LONGEST_MESSAGE);
  const where = model === undefined ? provider : `${provider}:${model}`;
  return new ProviderError(
    codeOf(status, error, said),
    `${where}${status === undefined ? '' : ` answered ${status}`}: ${sentence}`,
    {
      provider,
      model,
      status,
      retryAfterMs: readRetryAfter(header) ?? failure.retryAfterMs,
      requestId: header('x-request-id') ?? header('request-id') ?? undefined,
      details: {
        vendorCode: typeof error.code === 'string' ? clean(error.code) : undefined,
        vendorType: typeof error.type === 'string' ? clean(error.type) : undefined,
        param: typeof error.param === 'string' ? clean(error.param) : undefined,
      },
    },
  );
};

const codeOf = (
  status: number | undefined,
  error: { code?: unknown; type?: unknown; status?: unknown },
  said: string,
): ErrorCode => {
  const byStatus =
    status === undefined ? undefined : (BY_STATUS[status] ?? (status >= 500 ? 'SERVER_ERROR' : undefined));
  const names = [error.code, error.type, error.status]
    .filter((name) => typeof name === 'string')
    .map((name) => name.toLowerCase());
  for (const name of names) {
    const found = BY_NAME.find(([shape]) => shape.test(name))?.[1];
    // A general name such as `invalid_request_error` says less than the status does.
    if (found !== undefined && !(found === 'BAD_REQUEST' && byStatus !== undefined))
      return refine(found, said);
  }
  return refine(byStatus ?? (names.length > 0 ? 'BAD_REQUEST' : 'SERVER_ERROR'), said);
};

/** Compatible servers mostly have no code for an overlong prompt, only a sentence. */
const refine = (code: ErrorCode, said: string): ErrorCode =>
  (code === 'BAD_REQUEST' || code === 'REQUEST_TOO_LARGE') &&
  /context (?:length|window|size)|maximum context|too many tokens|prompt is too long/i.test(said)
    ? 'CONTEXT_LENGTH'
    : code;

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
const readRetryAfter = (header: (name: string) => string | null): number | undefined => {
  const milliseconds = Number.parseFloat(header('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const text = header('retry-after');
  if (text === null) return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number.parseFloat(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
};
