import type { Ledger } from '../ledger/ledger.js';
import type { ModelEvent, RouteInfo } from '../model/model-event.js';
import type { Reply } from '../model/reply.js';
import type { Registry } from '../provider/registry.js';
import type { TokenCount } from '../provider/token-count.js';
import type { Batches } from './batches.js';
import type { ChatRequest } from './chat-request.js';
import type { CompareReply, CompareRequest } from './compare.js';
import type { EmbedReply, EmbedRequest } from './embed-request.js';
import type { FeedbackReply, FeedbackRequest } from './feedback.js';
import type { GatewayEvents } from './gateway-events.js';
import type { Routing } from './routing-options.js';

/** A whole answer, with the checked value where the request asked for a schema. */
export interface ChatReply<Output> extends Reply {
  /** Undefined when the model asked for tools in place of an answer. */
  readonly output: Output;
}

/** An answer as it grows. Nothing is sent before it is iterated; leaving the loop early cancels the call. */
export interface ChatStream extends AsyncIterableIterator<ModelEvent> {
  /** The id of the call, known at once. */
  readonly id: string;
  /** Which provider and model answer; known once the first event has arrived. */
  readonly route: RouteInfo | undefined;
  /** Read what is left and fold the whole stream. Works also after some events were read by hand. */
  reply(): Promise<Reply>;
  return(): Promise<IteratorResult<ModelEvent>>;
  /** The next event if it is there already, without waiting; `undefined` when `next` has to be asked. */
  nextReady(): ModelEvent | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a call really cost. */
export interface ActualCost {
  /** US dollars. */
  readonly costUsd: number;
  readonly tokensIn?: number | undefined;
  readonly tokensOut?: number | undefined;
}

/** Calls models, and accounts for every call. */
export interface Gateway {
  /**
   * Ask, and wait for the whole answer.
   *
   * @throws MillraceError for every failure; see `ERROR_CODES`.
   */
  chat<Output = undefined>(request: ChatRequest<Output>): Promise<ChatReply<Output>>;
  /**
   * Ask, and watch the answer grow. What fails on the way is thrown by the iteration.
   *
   * @throws MillraceError `BAD_REQUEST` or `CLOSED`, at once.
   */
  stream(request: ChatRequest): ChatStream;
  /**
   * Turn texts into vectors.
   *
   * @throws MillraceError for every failure; see `ERROR_CODES`.
   */
  embed(request: EmbedRequest): Promise<EmbedReply>;
  /**
   * How long a request is, without having it answered: by the vendor's own count where it offers one, else by a
   * tokenizer, and then marked as estimated.
   *
   * @throws MillraceError for every failure; see `ERROR_CODES`.
   */
  countTokens(request: ChatRequest): Promise<TokenCount>;
  /**
   * Put right what a call cost, when the truth comes after its end: a vendor's bill for a call that was cancelled, say.
   * The ledger's record is replaced, and the budgets are charged the difference if it comes within the quarter of an
   * hour for which they remember a call.
   *
   * @returns whether the ledger has a call of that id.
   * @throws MillraceError `BAD_REQUEST` for what is no amount, or `STORAGE`.
   */
  correctCost(id: string, actual: ActualCost): Promise<boolean>;
  /**
   * Say how good an answer was: a rating of a person, or what the host found out. The ledger keeps it, and routing
   * learns from it.
   *
   * @throws MillraceError `NOT_FOUND` when there is no such call, `BAD_REQUEST`, or `STORAGE`.
   */
  feedback(request: FeedbackRequest): Promise<FeedbackReply>;
  /**
   * Ask several models the same, at the same time. Those that fail do so in their own result.
   *
   * @throws MillraceError `BAD_REQUEST`
   */
  compare(request: CompareRequest): Promise<CompareReply>;
  /** Requests that may be answered later, for less. */
  readonly batches: Batches;
  /** How models are chosen; the policy can be changed while calls run. */
  readonly routing: Routing;
  readonly registry: Registry;
  readonly ledger: Ledger;
  /** Listen to what happens. A listener that throws is logged and does no harm to the call. */
  on<Name extends keyof GatewayEvents>(
    name: Name,
    listener: (event: GatewayEvents[Name]) => void,
  ): () => void;
  /** Cancel what is running, write what is pending, and let go of everything. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
