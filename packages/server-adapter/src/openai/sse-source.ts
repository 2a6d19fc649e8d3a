import type { EventIterator, ModelEvent } from '@millrace/core/model';
import type { TextSource } from '../http/answer.js';

/** What a {@link createSseSource | source} is made of. */
export interface SseSourceOptions {
  readonly events: EventIterator;
  /** What was read already and goes first. */
  readonly text: string;
  /** The text to send for an event; may be empty. */
  readonly write: (event: ModelEvent) => string;
  /** What ends a complete answer. */
  readonly done: string;
  /** What ends an answer that failed. */
  readonly fail: (error: unknown) => string;
}

/** Characters that are read from the model ahead of the client. */
const LOOK_AHEAD = 16 * 1024;

/**
 * Pieces follow each other by at least this, in milliseconds, so that a fast model costs fewer writes. One that is
 * slower, as most are, is never held back.
 */
const GATHER_MS = 2;

/** Run after everything that is ready in this turn of the event loop. */
const defer: (task: () => void) => void =
  typeof setImmediate === 'function' ? (task) => void setImmediate(task) : (task) => void setTimeout(task, 0);

/**
 * Turn events into text. All events that arrive together come out as one piece, so that a burst costs one write; while
 * nobody reads, at most 16 KiB are taken from the model.
 */
export const createSseSource = (options: SseSourceOptions): TextSource => {
  const { events, write } = options;
  let buffer = options.text;
  let pulling = false;
  let ended = false;
  let flushing = false;
  let flushedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: ((text: string | undefined) => void) | undefined;

  const take = (): string | undefined => {
    const text = buffer === '' ? undefined : buffer;
    buffer = '';
    return text;
  };
  const flush = (): void => {
    flushing = false;
    timer = undefined;
    if (waiting === undefined || (buffer === '' && !ended)) return;
    const resolve = waiting;
    waiting = undefined;
    flushedAt = performance.now();
    resolve(take());
    pull();
  };
  const planFlush = (): void => {
    if (waiting === undefined || (buffer === '' && !ended)) return;
    const isUrgent = ended || buffer.length >= LOOK_AHEAD;
    if (flushing && !(isUrgent && timer !== undefined)) return;
    flushing = true;
    clearTimeout(timer);
    timer = undefined;
    const wait = flushedAt + GATHER_MS - performance.now();
    if (wait <= 0 || isUrgent) defer(flush);
    else timer = setTimeout(flush, wait);
  };
  const end = (text: string): void => {
    if (ended) return;
    ended = true;
    buffer += text;
  };
  const onFailure = (error: unknown): void => {
    pulling = false;
    end(options.fail(error));
    planFlush();
  };
  const takeReady = (): void => {
    while (buffer.length < LOOK_AHEAD) {
      const event = events.nextReady?.();
      if (event === undefined) return;
      buffer += write(event);
    }
  };
  const onEvent = (result: IteratorResult<ModelEvent>): void => {
    pulling = false;
    try {
      if (result.done === true) end(options.done);
      else if (!ended) {
        buffer += write(result.value);
        takeReady();
      }
    } catch (error) {
      return onFailure(error);
    }
    pull();
    planFlush();
  };
  const pull = (): void => {
    if (pulling || ended || buffer.length >= LOOK_AHEAD) return;
    pulling = true;
    events.next().then(onEvent, onFailure);
  };

  return {
    read() {
      if (ended) return Promise.resolve(take());
      return new Promise((resolve) => {
        waiting = resolve;
        pull();
        planFlush();
      });
    },
    cancel() {
      if (ended) return;
      ended = true;
      buffer = '';
      waiting?.(undefined);
      waiting = undefined;
      events.return?.().catch(() => undefined);
    },
  };
};
