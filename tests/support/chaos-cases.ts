import type { ErrorCode } from '@millrace/core';

/** How a failure of the upstream ends. */
export interface ChaosCase {
  /** The model whose name asks the upstream for the failure. */
  readonly model: string;
  readonly chat: ErrorCode;
  readonly stream: ErrorCode;
  /** Part of the answer reaches the caller of a stream before it fails. */
  readonly afterOutput?: true;
}

/** Failures of whole answers and of streams. */
export const CHAOS_CASES: readonly ChaosCase[] = [
  { model: 'rate-limited', chat: 'RATE_LIMITED', stream: 'RATE_LIMITED' },
  { model: 'server-error', chat: 'SERVER_ERROR', stream: 'SERVER_ERROR' },
  { model: 'cut-before', chat: 'NETWORK', stream: 'NETWORK' },
  { model: 'cut-middle', chat: 'NETWORK', stream: 'INTERRUPTED', afterOutput: true },
  { model: 'malformed', chat: 'INVALID_RESPONSE', stream: 'INVALID_RESPONSE', afterOutput: true },
  { model: 'bad-key', chat: 'AUTHENTICATION', stream: 'AUTHENTICATION' },
  { model: 'web-page', chat: 'INVALID_RESPONSE', stream: 'INVALID_RESPONSE' },
  { model: 'wrong-json', chat: 'INVALID_RESPONSE', stream: 'INVALID_RESPONSE' },
  { model: 'headers-only', chat: 'TIMEOUT', stream: 'TIMEOUT' },
  { model: 'silence', chat: 'TIMEOUT', stream: 'TIMEOUT' },
  { model: 'silence-middle', chat: 'TIMEOUT', stream: 'TIMEOUT', afterOutput: true },
];
/** Failures that a whole answer does not have. */
export const STREAM_ONLY_CASES: readonly ChaosCase[] = [
  { model: 'ends-early', chat: 'INTERRUPTED', stream: 'INTERRUPTED', afterOutput: true },
  { model: 'error-first', chat: 'OVERLOADED', stream: 'OVERLOADED' },
  { model: 'error-middle', chat: 'OVERLOADED', stream: 'OVERLOADED', afterOutput: true },
];
