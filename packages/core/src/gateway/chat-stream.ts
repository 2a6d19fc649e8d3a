import { MillraceError } from '../model/errors/millrace-error.js';
import { createFold } from '../model/fold.js';
import type { ModelEvent, RouteInfo } from '../model/model-event.js';
import type { Reply } from '../model/reply.js';
import type { CallOutcome, CallWatcher } from './call.js';
import type { ChatStream } from './gateway.js';

/** What the pump needs to know of the call that it moves. */
export interface PumpOptions {
  readonly id: string;
  /** Where the events come from; asked when the first one is pulled. */
  readonly open: () => AsyncIterable<ModelEvent>;
  readonly watchers: readonly CallWatcher[];
  /** Aborted with a MillraceError when the call is cancelled, by whomever. */
  readonly signal: AbortSignal;
  /** Abort that signal. Does nothing once the call has ended. */
  readonly cancel: (reason: MillraceError) => void;
}

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

/**
 * The one pump: moves events from the innermost handler to the caller and shows each to the watchers. However the
 * call ends, `end` reaches each watcher once.
 */
export const createChatStream = (options: PumpOptions): ChatStream => {
  const { id, watchers } = options;
  const fold = createFold();
  let inner: AsyncIterator<ModelEvent> | undefined;
  let route: RouteInfo | undefined;
  let ended = false;
  /** The pull that is under way; pulls that come meanwhile wait for it, as those of an async generator do. */
  let pending: Promise<unknown> | undefined;
  let giveUp: ((error: MillraceError) => void) | undefined;
  let failure: MillraceError | undefined;

  const end = (outcome: CallOutcome): void => {
    if (ended) return;
    ended = true;
    for (const watcher of watchers) watcher.end?.(outcome);
  };

  const settle = (error: unknown): MillraceError => {
    const known = asMillraceError(error);
    end({ status: statusOf(known), error: known });
    return known;
  };

  const take = (result: IteratorResult<ModelEvent>): IteratorResult<ModelEvent> => {
    if (ended) return DONE;
    if (result.done === true)
      throw new MillraceError('INTERRUPTED', 'The answer broke off before it was finished.');
    const event = result.value;
    if (event.type === 'stream-start') route = event.route;
    for (const watcher of watchers) watcher.event?.(event);
    fold.add(event);
    if (event.type === 'finish') {
      end({ status: 'success' });
      // Nothing of interest follows: let the source tidy up without making the caller wait.
      inner?.next().then(
        (next) => (next.done === true ? undefined : inner?.return?.()),
        () => undefined,
      );
    }
    return result;
  };

  const pull = (): Promise<IteratorResult<ModelEvent>> => {
    if (ended) return failure === undefined ? Promise.resolve(DONE) : Promise.reject(once());
    return new Promise((resolve, reject) => {
      giveUp = reject;
      const failed = (error: unknown): void => {
        pending = undefined;
        if (ended) resolve(DONE);
        else reject(settle(error));
      };
      try {
        inner ??= options.open()[Symbol.asyncIterator]();
        inner.next().then((result) => {
          pending = undefined;
          try {
            resolve(take(result));
          } catch (error) {
            failed(error);
          }
        }, failed);
      } catch (error) {
        failed(error);
      }
    });
  };

  /** A cancellation that came while nobody was pulling is thrown by the next pull, and only by that. */
  const once = (): MillraceError | undefined => {
    const error = failure;
    failure = undefined;
    return error;
  };

  const release = (): void => {
    // A source that ignores the cancellation must not hold the caller.
    inner?.return?.().catch(() => undefined);
  };

  options.signal.addEventListener(
    'abort',
    () => {
      if (ended) return;
      const error = settle(options.signal.reason);
      if (pending === undefined) failure = error;
      else giveUp?.(error);
      pending = undefined;
      release();
    },
    { once: true },
  );

  const stream: ChatStream = {
    id,
    get route() {
      return route;
    },
    next() {
      if (pending !== undefined)
        return pending.then(
          () => stream.next(),
          () => stream.next(),
        );
      const result = pull();
      if (!ended) pending = result;
      return result;
    },
    async return() {
      options.cancel(new MillraceError('CANCELLED', 'The caller stopped reading the answer.'));
      failure = undefined;
      return DONE;
    },
    async reply(): Promise<Reply> {
      while ((await stream.next()).done !== true);
      return fold.reply();
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await stream.return();
    },
  };
  return stream;
};

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
