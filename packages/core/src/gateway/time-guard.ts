import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { ModelEvent } from '../model/model-event.js';
import type { Cancellation } from './cancellation.js';

/** How long one attempt may keep the caller waiting, in milliseconds; 0 is no limit. */
export interface AttemptLimits {
  readonly firstEventMs: number;
  readonly idleMs: number;
}

/** Watches the time of one attempt. */
export interface TimeGuard {
  /** Aborted when a limit passes or the call is cancelled. Its reason is a MillraceError. */
  readonly signal: AbortSignal;
  /**
   * Pull the next event, and give up when the signal is aborted even if the source takes no notice.
   * The time between two pulls is the caller's own and does not count as idle.
   */
  pull(source: AsyncIterator<ModelEvent>): Promise<IteratorResult<ModelEvent>>;
  /** Be told once of the end of the attempt: when the clock is stopped, or the signal aborted. */
  onEnd(listener: () => void): void;
  /** Stop the clock. */
  release(): void;
  /** Stop the clock and abort the signal. */
  abandon(): void;
  /** After the answer: let the source come to its end by itself, and abort the signal when that takes long. */
  drain(source: AsyncIterator<ModelEvent>): Promise<void>;
}

/** What a source may take to tidy up: enough to read what is left of a response, so that its socket can be used again. */
const DRAIN_MS = 5_000;

/** Milliseconds that are left of a limit; infinite when there is none. */
const left = (limit: number, used: number): number => (limit > 0 ? limit - used : Number.POSITIVE_INFINITY);

/** A guard for an attempt. Its clock starts with the first pull. */
export const createTimeGuard = (
  limits: AttemptLimits,
  cancellation: Cancellation,
  attempt: { readonly provider: string; readonly model: string },
): TimeGuard => {
  const controller = new AbortController();
  let waitingSince: number | undefined;
  let begun = false;
  let giveUp: ((reason: unknown) => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended: (() => void) | undefined;

  const tellEnd = (): void => {
    const listener = ended;
    ended = undefined;
    listener?.();
  };
  const abort = (reason: unknown): void => {
    controller.abort(reason);
    giveUp?.(reason);
    tellEnd();
  };
  const expire = (what: string, limit: number): void => {
    const message = `${attempt.provider}:${attempt.model} ${what} within ${limit} ms. Try again, or raise the time limit.`;
    abort(new ProviderError('TIMEOUT', message, attempt));
  };

  // One timer for the whole attempt: it looks at the clock when it fires and sleeps on for what is left,
  // so that an event costs no timer work.
  const check = (): void => {
    const limit = begun ? limits.idleMs : limits.firstEventMs;
    const pause = left(limit, waitingSince === undefined ? 0 : performance.now() - waitingSince);
    if (pause <= 0) return expire(begun ? 'sent nothing more' : 'sent nothing', limit);
    // Until the first event is here the idle limit, which may be the shorter one, has not begun to run.
    const next = Math.min(pause, left(limits.idleMs, 0));
    if (Number.isFinite(next)) timer = setTimeout(check, Math.ceil(next));
  };
  const stopListening = cancellation.onCancel(abort);
  if (cancellation.reason !== undefined) abort(cancellation.reason);
  const release = (): void => {
    clearTimeout(timer);
    giveUp = undefined;
    stopListening();
    tellEnd();
  };

  return {
    signal: controller.signal,
    pull(source) {
      return new Promise((resolve, reject) => {
        if (controller.signal.aborted) return reject(controller.signal.reason);
        giveUp = reject;
        waitingSince = performance.now();
        if (timer === undefined) check();
        source.next().then((result) => {
          waitingSince = undefined;
          begun = true;
          resolve(result);
        }, reject);
      });
    },
    onEnd(listener) {
      ended = listener;
      if (controller.signal.aborted) tellEnd();
    },
    release,
    abandon() {
      release();
      // Who cancels may close the source before this guard hears of it.
      controller.abort(
        cancellation.reason ?? new MillraceError('CANCELLED', 'The answer was not read to its end.'),
      );
    },
    async drain(source) {
      const stop = (): void => controller.abort(new MillraceError('CANCELLED', 'The answer was complete.'));
      const patience = setTimeout(stop, DRAIN_MS);
      try {
        while ((await source.next()).done !== true);
      } finally {
        clearTimeout(patience);
      }
    },
  };
};
