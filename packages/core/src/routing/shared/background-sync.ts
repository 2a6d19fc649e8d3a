import { withinLimit } from '../../storage/operation-limit.js';

/** Work that is repeated in the background and never runs twice at once. */
export interface BackgroundSync {
  /**
   * Run now. Resolves when a run that began after the call is done; rejects when that fails, takes too long, or the
   * signal is aborted, which ends the wait alone.
   */
  readonly now: (signal?: AbortSignal) => Promise<void>;
  /** Run in the background, as soon as possible. Failures go to the listener. */
  readonly soon: () => void;
  /** Run once more and stop. May be called twice. */
  readonly close: () => Promise<void>;
}

/** What to repeat, and how often. */
export interface BackgroundSyncOptions {
  /** For messages: "The routing history". */
  readonly place: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
  /** Told of a failure that no caller waits for. */
  readonly onError: (error: unknown) => void;
}

/** Repeated failures make the pauses longer, up to so many times `everyMs`. */
const MOST_PATIENT = 16;
/** The longest that anybody waits for a run. */
const LIMIT_MS = 60_000;

/** Lets a process end although the timer is set. Timers of browsers are numbers and hold up nothing. */
const unref = (timer: unknown): void => {
  (timer as { unref?: () => void }).unref?.();
};

/** Begins at once, and repeats until it is closed. */
export const startBackgroundSync = (options: BackgroundSyncOptions): BackgroundSync => {
  const { place, everyMs, run, onError } = options;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closing: Promise<void> | undefined;
  let failures = 0;

  const attempt = async (): Promise<void> => {
    try {
      await run();
      failures = 0;
    } catch (error) {
      failures += 1;
      throw error;
    } finally {
      running = undefined;
    }
  };

  const begin = (): Promise<void> => {
    if (running === undefined) {
      running = attempt();
      return running;
    }
    // What is running may have passed by what the caller wants written.
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };

  const now = (signal?: AbortSignal): Promise<void> =>
    withinLimit(begin(), { timeoutMs: LIMIT_MS, place, signal });

  const soon = (): void => void begin().catch(onError);

  const schedule = (): void => {
    const patience = Math.min(MOST_PATIENT, 2 ** failures);
    // Processes that began together do not write together.
    timer = setTimeout(tick, everyMs * patience * (0.8 + 0.4 * Math.random()));
    unref(timer);
  };

  const tick = async (): Promise<void> => {
    await begin().catch(onError);
    if (closing === undefined) schedule();
  };

  void tick();
  return {
    now,
    soon,
    close() {
      clearTimeout(timer);
      closing ??= now().catch(onError);
      return closing;
    },
  };
};
