import type { ModelEvent } from '../model/model-event.js';
import type { ModelRequest } from '../model/model-request.js';
import type { BatchProvider } from './batch.js';
import type { CredentialRequirement, CredentialSource } from './credential-source.js';
import type { EmbeddingReply, EmbeddingRequest } from './embedding.js';
import type { ModelInfo } from './model-info.js';
import type { CallContext, ProviderContext } from './provider-context.js';
import type { TokenCount } from './token-count.js';

/** Whether a key works, as far as one cheap request can tell. */
export interface KeyVerification {
  readonly status: 'verified' | 'invalid' | 'missing' | 'unreachable';
  /** One sentence for a person; holds no key. */
  readonly message: string;
}

/**
 * One way to reach models. Write one with plain functions; the gateway adds validation, time limits, retries,
 * accounting and cancellation. Optional methods are capabilities: leave out what the vendor does not have.
 */
export interface Provider {
  readonly specification: 'millrace-provider-v1';
  /** Unique in a registry; lower-case letters, digits and `-`. It is the part before `:` in `openai:gpt-4o`. */
  readonly id: string;
  /** The name for people. */
  readonly label: string;
  /** Answers are made up here, not by a model. Such a provider is never chosen while a real one is ready. */
  readonly simulated?: true | undefined;
  readonly credential: CredentialRequirement;
  /** A source that goes before the registry's, for a key given in code. */
  readonly credentialSource?: CredentialSource | undefined;
  /**
   * How long the first event of a stream may take where the caller sets no limit, in milliseconds: longer than usual for
   * a server that may have to load the model first. Default: 120,000.
   */
  readonly firstEventMs?: number | undefined;
  /** The models that are known without asking. */
  readonly models: readonly ModelInfo[];
  /**
   * Ask the model. Yields `stream-start` once the vendor has accepted the request and `finish` last.
   * Nothing is sent before the first event is pulled.
   *
   * @throws MillraceError for every failure; see `ERROR_CODES`.
   */
  stream(request: ModelRequest, context: CallContext): AsyncIterable<ModelEvent>;
  /**
   * The most tokens that it lets the model write for a request, where that is not the request's `maxOutputTokens`:
   * because thoughts come on top, or because it takes no limit (infinite: as many as the model can). Budgets set that
   * much aside.
   */
  outputLimit?(request: ModelRequest): number;
  /** Ask the vendor which models there are now. */
  discoverModels?(context: ProviderContext): Promise<readonly ModelInfo[]>;
  /** Prove the key by the cheapest request there is. */
  verify?(context: ProviderContext): Promise<KeyVerification>;
  /** The models that turn text into vectors. They are not among `models`, because they cannot answer. */
  readonly embeddingModels?: readonly ModelInfo[] | undefined;
  /** Turn texts into vectors. Splits them into as many requests as the vendor needs. */
  embed?(request: EmbeddingRequest, context: ProviderContext): Promise<EmbeddingReply>;
  /** Ask the vendor how long a request is, without having it answered. */
  countTokens?(request: ModelRequest, context: ProviderContext): Promise<TokenCount>;
  /** Answers later, for less. */
  readonly batch?: BatchProvider | undefined;
}
