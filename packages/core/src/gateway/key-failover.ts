import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';

/** Keys that one attempt tries. */
export const MOST_KEYS = 8;

/** Failures for which the key is to blame: another one may do. */
const REFUSED_KEY: ReadonlySet<ErrorCode> = new Set([
  'AUTHENTICATION',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
]);

/** Whether the key was refused and not the request. */
export const isRefusedKey = (error: unknown): error is MillraceError =>
  MillraceError.isInstance(error) && REFUSED_KEY.has(error.code);
