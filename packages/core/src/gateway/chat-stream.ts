import { MillraceError } from '../model/errors/millrace-error.js';
import type { EventIterator } from '../model/event-iterator.js';
import { createFold } from '../model/fold.js';
import type { ModelEvent, RouteInfo } from '../model/model-event.js';
import type { Reply } from '../model/reply.js';
import type { CallOutcome, CallWatcher } from './call.js';
import type { CancellationSource } from './cancellation.js';
import { closeQuietly, drain } from './close-quietly.js';
import type { ChatStream } from './gateway.js';

/** What the pump needs to know of the call that it moves. */
export interface PumpOptions {
  readonly id: string;
  /** Where the events come from; asked when the first one is pulled. */
  readonly open: () => AsyncIterable<ModelEvent>;
  readonly watchers: readonly CallWatcher[];
  /** Comes when the call is cancelled, by whomever; brought about here so that everything below lets go. */
  readonly cancellation: CancellationSource;
  /** Hide the secrets in an error that came from below. */
  readonly redact: (error: MillraceError) => MillraceError;
  /** Told of what a watcher throws. */
  readonly onWatcherError: (error: unknown) => void;
}

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

/** The pull that is under way. */
interface Waiting {
  readonly resolve: (result: IteratorResult<ModelEvent>) => void;
  readonly reject: (error: MillraceError) => void;
}

/**
 * The one pump: moves events from the innermost handler to the caller and shows each to the watchers. However the
 * call ends, `end` reaches each watcher once.
 */
export const createChatStream = (options: PumpOptions): ChatStream => {
  const { id, watchers, cancellation } = options;
  const fold = createFold();
  let whole: Reply | undefined;
  // Asked for by the caller, and by those who learn from answers.
  const wholeReply = (): Reply => (whole ??= fold.reply());
  let inner: EventIterator | undefined;
  let ended = false;
  let waiting: Waiting | undefined;
  /** Pulls that come meanwhile wait for this one, as those of an async generator do. */
  let pending: Promise<unknown> | undefined;
  let failure: MillraceError | undefined;
  /** A cancellation that came while nobody was pulling is thrown by the next pull, and only by that. */
  let untold: MillraceError | undefined;

  // For every event: no closure is made for it.
  const show = (event: ModelEvent): void => {
    for (const watcher of watchers) {
      try {
        watcher.event?.(event);
      } catch (error) {
        options.onWatcherError(error);
      }
    }
  };

  const end = (outcome: CallOutcome): void => {
    if (ended) return;
    ended = true;
    for (const watcher of watchers) {
      try {
        watcher.end?.(outcome);
      } catch (error) {
        options.onWatcherError(error);
      }
    }
  };

  const fail = (error: MillraceError): MillraceError => {
    failure = error;
    end({ status: statusOf(error), error });
    cancellation.cancel(error);
    return error;
  };

  const take = (event: ModelEvent): void => {
    if (event.type === 'stream-start') stream.route = event.route;
    show(event);
    fold.add(event);
    if (event.type !== 'finish') return;
    end({ status: 'success', reply: wholeReply });
    if (inner !== undefined) void drain(inner);
  };

  const pull = (): Promise<IteratorResult<ModelEvent>> =>
    new Promise((resolve, reject) => {
      if (ended) {
        const error = untold;
        untold = undefined;
        return error === undefined ? resolve(DONE) : reject(error);
      }
      waiting = { resolve, reject };
      const failed = (error: unknown): void => {
        waiting = pending = undefined;
        if (ended) resolve(DONE);
        else reject(fail(options.redact(asMillraceError(error))));
      };
      const arrived = (result: IteratorResult<ModelEvent>): void => {
        waiting = pending = undefined;
        if (ended) return resolve(DONE);
        if (result.done === true) return failed(interrupted());
        try {
          take(result.value);
          resolve(result);
        } catch (error) {
          failed(error);
        }
      };
      try {
        inner ??= options.open()[Symbol.asyncIterator]();
        // Cancelled while it was being opened: nothing below may start.
        if (ended) closeQuietly(inner);
        else inner.next().then(arrived, failed);
      } catch (error) {
        failed(error);
      }
    });

  cancellation.onCancel((reason) => {
    if (ended) return;
    const error = fail(reason);
    if (waiting === undefined) untold = error;
    else waiting.reject(error);
    waiting = pending = undefined;
    // A source that ignores the cancellation must not hold the caller.
    closeQuietly(inner);
  });

  /** What is there already needs no promise but the one that is handed out. */
  const nextReady = (): ModelEvent | undefined => {
    if (ended || pending !== undefined) return undefined;
    try {
      const event = inner?.nextReady?.();
      if (event !== undefined) take(event);
      return event;
    } catch (error) {
      throw fail(options.redact(asMillraceError(error)));
    }
  };

  const next = (): Promise<IteratorResult<ModelEvent>> => {
    try {
      const event = nextReady();
      return event === undefined ? nextPulled() : Promise.resolve({ done: false, value: event });
    } catch (error) {
      return Promise.reject(error);
    }
  };

  const nextPulled = (): Promise<IteratorResult<ModelEvent>> => {
    if (pending !== undefined) return pending.then(next, next);
    const result = pull();
    if (!ended) pending = result;
    return result;
  };

  // No getter: each object literal that has one keeps what it refers to alive until a full collection.
  const stream: Omit<ChatStream, 'route'> & { route: RouteInfo | undefined } = {
    id,
    route: undefined,
    next,
    nextReady,
    async return() {
      if (!ended) {
        // Who leaves is not told that he left: a pull that he no longer waits for would be an unhandled rejection.
        waiting?.resolve(DONE);
        cancellation.cancel(new MillraceError('CANCELLED', 'The caller stopped reading the answer.'));
      }
      untold = undefined;
      return DONE;
    },
    async reply(): Promise<Reply> {
      while (!ended || untold !== undefined) {
        if (nextReady() === undefined && (!ended || untold !== undefined)) await nextPulled();
      }
      if (failure !== undefined) throw failure;
      return wholeReply();
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await stream.return();
    },
  };
  return stream;
};

const interrupted = (): MillraceError =>
  new MillraceError('INTERRUPTED', 'The answer broke off before it was finished.');

const statusOf = (error: MillraceError): CallOutcome['status'] => {
  if (error.code === 'CANCELLED') return 'cancelled';
  return error.code === 'INTERRUPTED' ? 'interrupted' : 'error';
};

const asMillraceError = (error: unknown): MillraceError =>
  MillraceError.isInstance(error)
    ? error
    : new MillraceError('INVALID_RESPONSE', 'A stage of the gateway failed; see the cause.', {
        cause: error,
        retryable: false,
      });
