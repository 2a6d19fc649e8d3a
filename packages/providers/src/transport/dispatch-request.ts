import type { Dispatcher } from 'undici';
import type { Answer, Outgoing } from './exchange.js';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** Bytes that wait for a reader before the socket is told to wait too. */
const MOST_WAITING = 64 * 1024;

/** Send a request over undici and resolve with the answer once its headers are here. */
export const dispatchRequest = (
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: Outgoing,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const slash = url.indexOf('/', url.indexOf('://') + 3);
    let controller: Controller | undefined;
    const received = new ReceivedBody(() => controller);
    const cancel = (reason?: unknown): void => {
      const error =
        reason instanceof Error ? reason : new Error('The request was cancelled.', { cause: reason });
      controller?.abort(error);
      // Undici may not have begun: then nothing will.
      settle(error);
    };
    const onAbort = (): void => cancel(signal.reason);
    const settle = (error?: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      received.end(error);
      if (error !== undefined) reject(error);
    };
    signal.addEventListener('abort', onAbort);
    dispatcher.dispatch(
      {
        origin: slash === -1 ? url : url.slice(0, slash),
        path: slash === -1 ? '/' : url.slice(slash),
        method,
        headers,
        body: body ?? null,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (signal.aborted) onAbort();
        },
        onResponseStart(_controller, status, fields) {
          // An early hint is not the answer.
          if (status >= 200) resolve(new ReceivedAnswer(status, fields, received, cancel));
        },
        onResponseData: (_controller, bytes) => received.add(bytes),
        onResponseEnd: () => settle(),
        onResponseError: (_controller, error) => settle(error),
      },
    );
  });

/** What has arrived of a body and was not read yet. */
class ReceivedBody implements AsyncIterable<Uint8Array> {
  readonly #controller: () => Controller | undefined;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #failed = false;
  #error: unknown;
  /** Takes all the rest in one piece, so that the socket is never held back. */
  #gathers = false;
  #wake: (() => void) | undefined;

  constructor(controller: () => Controller | undefined) {
    this.#controller = controller;
  }

  add(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#gathers) return;
    if (this.#wake !== undefined) this.#awake();
    else if (this.#size > MOST_WAITING) this.#controller()?.pause();
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error !== undefined) {
      this.#failed = true;
      this.#error = error;
    }
    this.#awake();
  }

  async text(): Promise<string> {
    this.#gathers = true;
    this.#controller()?.resume();
    if (!this.#ended) await this.#change();
    if (this.#failed) throw this.#error;
    const [first] = this.#pieces;
    const whole = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    const text = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8');
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        if (!this.#ended) this.#controller()?.abort(new Error('The answer was not read to its end.'));
        this.#pieces = [];
        return DONE;
      },
    };
  }

  /** All that is there as one piece: a burst of small packets costs one turn. */
  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#pieces.length === 0 && !this.#ended) await this.#change();
    const [first] = this.#pieces;
    if (first !== undefined) {
      const value = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#size = 0;
      this.#controller()?.resume();
      return { done: false, value };
    }
    if (this.#failed) throw this.#error;
    return DONE;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

const BYTE_ORDER_MARK = 0xfeff;
const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** An answer whose body is still arriving. */
class ReceivedAnswer implements Answer {
  readonly status: number;
  readonly #headers: Headers;
  readonly #body: ReceivedBody;
  readonly cancel: () => void;

  constructor(status: number, headers: Headers, body: ReceivedBody, cancel: () => void) {
    this.status = status;
    this.#headers = headers;
    this.#body = body;
    this.cancel = cancel;
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#body;
  }

  readonly header = (name: string): string | null => {
    const value = this.#headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };

  text(): Promise<string> {
    return this.#body.text();
  }
}
