import type { MillraceError } from '../model/errors/millrace-error.js';

/** The end of a call before its time, as those who take part in it hear of it. */
export interface Cancellation {
  /** Why the call was cancelled; `undefined` while it is not. */
  readonly reason: MillraceError | undefined;
  /** The same for code that takes signals. Made when it is first asked for: a signal costs more than most calls need. */
  readonly signal: AbortSignal;
  /** Be told once, unless it has happened already. Returns the function that stops listening. */
  onCancel(listener: (reason: MillraceError) => void): () => void;
}

/** A cancellation together with the means to bring it about. */
export interface CancellationSource extends Cancellation {
  /** The first reason counts; later ones are ignored. */
  cancel(reason: MillraceError): void;
}

/** Nothing is cancelled yet. */
export const createCancellation = (): CancellationSource => new LazyCancellation();

// A class, because an object literal with getters is costly to make, and one is made for every call.
class LazyCancellation implements CancellationSource {
  readonly #listeners: (((reason: MillraceError) => void) | undefined)[] = [];
  #reason: MillraceError | undefined;
  #controller: AbortController | undefined;

  get reason(): MillraceError | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  onCancel(listener: (reason: MillraceError) => void): () => void {
    const listeners = this.#listeners;
    const place = listeners.push(listener) - 1;
    return () => {
      listeners[place] = undefined;
    };
  }

  cancel(reason: MillraceError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    // By index: a listener may take another one out.
    for (let index = 0; index < this.#listeners.length; index++) this.#listeners[index]?.(reason);
    this.#controller?.abort(reason);
  }
}
