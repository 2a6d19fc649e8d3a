import { MillraceError } from '../model/errors/millrace-error.js';

/**
 * Does something once, before whatever needs it. A failure that may pass is tried again by the next who asks; one
 * that will not pass is everybody's answer.
 */
export const once = (run: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!MillraceError.isInstance(error) || error.retryable) done = undefined;
      throw error;
    }
  };
  return () => {
    done ??= attempt();
    return done;
  };
};
