import type { MillraceError } from '../model/errors/millrace-error.js';
import type { Reply } from '../model/reply.js';
import type { BatchStatus } from '../provider/batch.js';
import type { CallLabels, ChatRequest } from './chat-request.js';

/** One request of a batch: what `chat` takes, with a name to find its answer by. */
export interface BatchChatRequest
  extends Omit<
    ChatRequest,
    | 'model'
    | 'output'
    | 'timeLimits'
    | 'retry'
    | 'cache'
    | 'compression'
    | 'routing'
    | 'signal'
    | keyof CallLabels
  > {
  /** Unique in the batch: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
}

/** Requests that may be answered later, for less. */
export interface BatchRequest extends CallLabels {
  /** As for `chat`; the first provider in question that has a batch API gets the batch. Default: `auto`. */
  readonly model?: string | undefined;
  readonly requests: readonly BatchChatRequest[];
  readonly signal?: AbortSignal | undefined;
}

/** A batch at a vendor. Its id is all that another process needs to go on with it. */
export interface BatchJob extends BatchStatus {
  /** `provider:` and the vendor's id. */
  readonly id: string;
  readonly provider: string;
  /** Part of the usual price that its answers cost, such as 0.5. */
  readonly priceFactor: number;
}

/** What became of one request. */
export type BatchAnswer =
  | { readonly id: string; readonly reply: Reply }
  | { readonly id: string; readonly error: MillraceError };

/** Whom the batch is for, as the ledger should have it, and how to end the wait. */
export interface CollectOptions extends CallLabels {
  readonly signal?: AbortSignal | undefined;
}

/** How to wait for a batch. */
export interface WaitOptions {
  /** Between two looks at it. Default: 30,000 ms. */
  readonly pollMs?: number | undefined;
  /** Give up after this long. Default: 25 hours, since vendors promise an end within 24. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Many requests at once, answered within a day at a lower price, where the vendor offers it. */
export interface Batches {
  /**
   * Hand a batch to the vendor.
   *
   * @throws MillraceError `BAD_REQUEST` when no provider in question has a batch API or a request is not valid; nothing
   * was submitted then.
   */
  submit(request: BatchRequest): Promise<BatchJob>;
  /** @throws MillraceError `BAD_REQUEST` for an id that is not one of a batch. */
  status(id: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<BatchJob>;
  /**
   * Look at it from time to time until it has ended or failed.
   *
   * @throws MillraceError `TIMEOUT` or `CANCELLED`; the batch itself goes on.
   */
  wait(id: string, options?: WaitOptions): Promise<BatchJob>;
  /**
   * The answers of a batch that has ended, in any order. Each is recorded in the ledger at the batch price, under an id
   * that is always the same, so that collecting again changes nothing.
   *
   * @throws MillraceError `CONFLICT` when it has not ended.
   */
  collect(id: string, options?: CollectOptions): AsyncIterable<BatchAnswer>;
  /** Ask for the end of it; what is done already stays done. */
  cancel(id: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<BatchJob>;
}
