import type { MillraceError, ModelEvent, ModelRequest, Warning } from '../model/index.js';
import type { ProviderContext } from './provider-context.js';

/** One request of a batch. */
export interface BatchItem {
  /** The caller's name for it, unique in the batch: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  readonly request: ModelRequest;
}

/** How far a batch is. */
export interface BatchStatus {
  /** The vendor's id of the batch. */
  readonly id: string;
  /** `ended`: there are results to collect, be they answers or errors. `failed`: the vendor refused the whole batch. */
  readonly state: 'running' | 'cancelling' | 'ended' | 'failed';
  /** The vendor's own word for it. */
  readonly rawState: string;
  /** How many requests are at which point; `undefined` where the vendor does not say. */
  readonly counts: {
    readonly total: number | undefined;
    readonly succeeded: number | undefined;
    readonly failed: number | undefined;
  };
  /** When it was submitted, in milliseconds since 1970; `undefined` where the vendor does not say. */
  readonly createdAt?: number | undefined;
  /** From `submit` only: what could not be passed on as it was, by request. Requests without a loss are left out. */
  readonly warnings?: Readonly<Record<string, readonly Warning[]>> | undefined;
  /** When the vendor gives up or deletes the results, in milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  /** Why it failed; holds no key and no prompt. */
  readonly message?: string | undefined;
}

/** What became of one request of a batch. */
export type BatchResult =
  /** The events of the whole answer, as a `stream` of it would have given them. */
  | { readonly id: string; readonly model: string; readonly events: readonly ModelEvent[] }
  | { readonly id: string; readonly error: MillraceError };

/** A vendor's way to answer many requests later for less. */
export interface BatchProvider {
  /** Part of the usual price that a call in a batch costs, such as 0.5. */
  readonly priceFactor: number;
  /**
   * @throws MillraceError when the batch is not accepted; then nothing was submitted. `BAD_REQUEST` for requests that
   * cannot share a batch.
   */
  submit(items: readonly BatchItem[], context: ProviderContext): Promise<BatchStatus>;
  status(id: string, context: ProviderContext): Promise<BatchStatus>;
  /** The results of a batch that has ended, in any order. */
  results(id: string, context: ProviderContext): AsyncIterable<BatchResult>;
  /** Ask for the end of it; what is done already stays done. */
  cancel(id: string, context: ProviderContext): Promise<BatchStatus>;
}
