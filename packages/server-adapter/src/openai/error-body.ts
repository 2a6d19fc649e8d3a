import type { ErrorCode, JsonObject, JsonValue } from '@millrace/core/model';

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** Put an error into OpenAI's form. */
export const errorBody = (
  type: string,
  message: string,
  code: string | null = null,
  param: string | null = null,
): ErrorBody => ({ error: { message, type, param, code } });

interface Words {
  readonly type: string;
  readonly code?: string;
  readonly param?: string;
}

const INVALID = 'invalid_request_error';

/** The words that OpenAI's clients and their users look for. Codes that are not here are server errors. */
const WORDS: Readonly<Partial<Record<ErrorCode, Words>>> = {
  AUTHENTICATION: { type: 'authentication_error', code: 'invalid_api_key' },
  MISSING_KEY: { type: 'authentication_error', code: 'missing_api_key' },
  PERMISSION_DENIED: { type: 'permission_error', code: 'permission_denied' },
  RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  QUOTA_EXCEEDED: { type: 'insufficient_quota', code: 'insufficient_quota' },
  BUDGET_EXCEEDED: { type: 'insufficient_quota', code: 'budget_exceeded' },
  UNKNOWN_PRICE: { type: INVALID, code: 'unknown_price', param: 'model' },
  CONTEXT_LENGTH: { type: INVALID, code: 'context_length_exceeded', param: 'messages' },
  CONTENT_FILTER: { type: INVALID, code: 'content_filter' },
  BAD_REQUEST: { type: INVALID },
  REQUEST_TOO_LARGE: { type: INVALID, code: 'request_too_large' },
  CONFLICT: { type: INVALID, code: 'conflict' },
  NOT_FOUND: { type: INVALID, code: 'model_not_found', param: 'model' },
  UNKNOWN_MODEL: { type: INVALID, code: 'model_not_found', param: 'model' },
  UNKNOWN_PROVIDER: { type: INVALID, code: 'model_not_found', param: 'model' },
  PROVIDER_DISABLED: { type: INVALID, code: 'provider_disabled', param: 'model' },
};

const textOr = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The body for an error of ours. `message` replaces the error's own. */
export const errorBodyOf = (code: ErrorCode, message: string, details: JsonObject): ErrorBody => {
  const words = WORDS[code] ?? { type: 'server_error', code: code.toLowerCase() };
  return errorBody(words.type, message, words.code ?? null, textOr(details['param']) ?? words.param ?? null);
};
