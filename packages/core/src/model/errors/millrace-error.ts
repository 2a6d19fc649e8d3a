import type { JsonObject } from '../json.js';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

const BRAND = Symbol.for('millrace.error');

/** Options of every {@link MillraceError}. */
export interface MillraceErrorOptions {
  readonly cause?: unknown;
  /** Default: what {@link ERROR_CODES} says of the code. */
  readonly retryable?: boolean | undefined;
  /** Plain facts for programs. Must hold no key and no prompt. */
  readonly details?: JsonObject | undefined;
}

/**
 * Every failure that Millrace reports. Branch on `code`; the message says what failed and what to do next,
 * and never holds a key or a prompt.
 */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  readonly details: JsonObject;

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
  }

  static {
    Object.defineProperty(MillraceError.prototype, BRAND, { value: true });
  }

  /** True for an error of Millrace, also for one thrown by another copy of the package. */
  static isInstance(value: unknown): value is MillraceError {
    return typeof value === 'object' && value !== null && Reflect.get(value, BRAND) === true;
  }
}
