import type { ProviderError } from '@millrace/core/model';
import {
  type Answer,
  asList,
  asObject,
  asText,
  type FailureContext,
  parseJson,
  toProviderError,
} from '../transport/index.js';

interface WireError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly details?: unknown;
}

interface WireDetail {
  readonly '@type'?: unknown;
  readonly retryDelay?: unknown;
  readonly reason?: unknown;
  readonly violations?: unknown;
}

const TOO_LONG = /token count.*exceeds|exceeds the maximum number of tokens/i;

/** The name that says most, for failures whose status is too general. */
const nameOf = (error: WireError, details: readonly WireDetail[]): string | undefined => {
  if (details.some(({ reason }) => reason === 'API_KEY_INVALID')) return 'invalid_api_key';
  if (TOO_LONG.test(asText(error.message) ?? '')) return 'context_length_exceeded';
  const daily = details.some((detail) =>
    asList(detail.violations).some((one) =>
      /PerDay/.test(asText(asObject<{ quotaId?: unknown }>(one).quotaId) ?? ''),
    ),
  );
  return daily ? 'insufficient_quota' : asText(error.status)?.toLowerCase();
};

/** `34.4s` in milliseconds. */
const readDelay = (details: readonly WireDetail[]): number | undefined => {
  for (const { retryDelay } of details) {
    const seconds = Number.parseFloat(asText(retryDelay) ?? '');
    if (Number.isFinite(seconds)) return seconds * 1000;
  }
  return undefined;
};

/** Make one of our errors of the vendor's `error`, be it a refusal or a piece of a stream. */
export const toGoogleError = (
  value: unknown,
  failure: Omit<FailureContext, 'signal'>,
  header: Answer['header'],
  status?: number,
): ProviderError => {
  const error = asObject<WireError>(value);
  const details = asList(error.details).map((detail) => asObject<WireDetail>(detail));
  const named = { message: error.message, type: nameOf(error, details) };
  const code = status ?? (typeof error.code === 'number' ? error.code : undefined);
  return toProviderError({
    ...failure,
    status: code,
    error: named,
    header,
    retryAfterMs: readDelay(details),
  });
};

/** Read a refused request's body. A streaming endpoint wraps it into a list. */
export const refusedByGoogle = async (answer: Answer, failure: FailureContext): Promise<ProviderError> => {
  const text = await answer.text();
  const parsed = parseJson(text);
  const { error } = asObject<{ error?: unknown }>(Array.isArray(parsed) ? parsed[0] : parsed);
  const said = error ?? {
    message: /^\s*</.test(text) ? 'it sent a page of HTML, not an API error' : text.slice(0, 300),
  };
  return toGoogleError(said, failure, answer.header, answer.status);
};
