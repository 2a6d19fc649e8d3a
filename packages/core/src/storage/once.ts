import { MillraceError } from '../model/errors/millrace-error.js';
import { withinLimit } from './operation-limit.js';

const LIMIT_MS = 60_000;

/**
 * Does something once, before whatever needs it. A failure that may pass is tried again by the next who asks; one
 * that will not pass is everybody's answer. Whoever waits may stop waiting; what was begun goes on.
 */
export const once = (place: string, run: () => Promise<void>): ((signal?: AbortSignal) => Promise<void>) => {
  let done: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!MillraceError.isInstance(error) || error.retryable) done = undefined;
      throw error;
    }
  };
  return (signal) => {
    done ??= attempt();
    return withinLimit(done, { timeoutMs: LIMIT_MS, place, signal });
  };
};
