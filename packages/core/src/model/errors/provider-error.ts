import type { JsonObject } from '../json.js';
import type { ErrorCode } from './error-code.js';
import { MillraceError, type MillraceErrorOptions } from './millrace-error.js';

/** What is known of a failed call to a vendor. */
export interface ProviderErrorOptions extends MillraceErrorOptions {
  /** Id of the provider that failed. */
  readonly provider: string;
  readonly model?: string | undefined;
  /** The HTTP status of the vendor's answer. */
  readonly status?: number | undefined;
  /** How long the vendor asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The vendor's id of the request, for its support. */
  readonly requestId?: string | undefined;
}

/** A call to a vendor failed. */
export class ProviderError extends MillraceError {
  readonly provider: string;
  readonly model: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: ProviderErrorOptions) {
    super(code, message, { ...options, details: providerDetails(options) });
    this.provider = options.provider;
    this.model = options.model;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
  }

  static override isInstance(value: unknown): value is ProviderError {
    return MillraceError.isInstance(value) && 'provider' in value;
  }
}

const providerDetails = (options: ProviderErrorOptions): JsonObject => {
  const { provider, model, status, retryAfterMs, requestId, details } = options;
  const known = { provider, model, status, retryAfterMs, requestId };
  return {
    ...details,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  };
};
