import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { Call } from './call.js';
import type { TimeLimits } from './chat-request.js';

const TOTAL_MS = 600_000;

/** How long the whole call may take, in milliseconds; infinite where there is no limit. */
export const totalLimit = (own: TimeLimits | undefined, defaults?: TimeLimits | undefined): number => {
  const limit = own?.totalMs ?? defaults?.totalMs ?? TOTAL_MS;
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
};

/** Cancel a call that does not end in time, also while nobody reads it. Returns what stops the clock. */
export const startTotalLimit = (call: Call, cancel: (reason: MillraceError) => void): (() => void) => {
  const limit = totalLimit(call.timeLimits);
  if (!Number.isFinite(limit)) return () => undefined;
  const expire = (): void => {
    const { attempt } = call.trace;
    const who = attempt === undefined ? 'The call' : `${attempt.provider}:${attempt.model}`;
    const message = `${who} gave no complete answer within ${limit} ms. Try again, or raise the time limit.`;
    cancel(
      attempt === undefined
        ? new MillraceError('TIMEOUT', message)
        : new ProviderError('TIMEOUT', message, attempt),
    );
  };
  const timer = setTimeout(expire, limit);
  return () => clearTimeout(timer);
};
