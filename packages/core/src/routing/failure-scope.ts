import type { ErrorCode } from '../model/errors/error-code.js';

/** What a failed call says something about: the whole provider, or one of its models. */
export type FailureScope = 'provider' | 'model';

const MODEL: readonly FailureScope[] = ['model'];
const PROVIDER: readonly FailureScope[] = ['provider'];
const BOTH: readonly FailureScope[] = ['provider', 'model'];
const NEITHER: readonly FailureScope[] = [];

/**
 * A refused key and a used-up account concern every model of the provider. A place that cannot be reached may be the
 * provider's or the model's own. A request that is wrong, too long or not allowed, a call that was cancelled, and a
 * limit of the host say nothing about either.
 */
const SCOPES: Partial<Readonly<Record<ErrorCode, readonly FailureScope[]>>> = {
  AUTHENTICATION: PROVIDER,
  QUOTA_EXCEEDED: PROVIDER,
  NETWORK: BOTH,
  PERMISSION_DENIED: MODEL,
  RATE_LIMITED: MODEL,
  OVERLOADED: MODEL,
  SERVER_ERROR: MODEL,
  INTERRUPTED: MODEL,
  INVALID_RESPONSE: MODEL,
  TIMEOUT: MODEL,
  NOT_FOUND: MODEL,
};

/** What a failure says something about; nothing, for a failure that is the request's or the host's own. */
export const failureScopes = (code: ErrorCode): readonly FailureScope[] => SCOPES[code] ?? NEITHER;
