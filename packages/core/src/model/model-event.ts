import type { Cost } from './cost.js';
import type { FinishReason } from './finish-reason.js';
import type { FilePart, SourcePart } from './message.js';
import type { ProviderMetadata } from './provider-metadata.js';
import type { Usage } from './usage.js';
import type { Warning } from './warning.js';

/** What may carry a vendor's metadata. */
export interface WithMetadata {
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** Which provider and model answer, and why those. */
export interface RouteInfo {
  /** It stands in for a model that failed, or that could not be called. */
  readonly failover?: true | undefined;
  readonly provider: string;
  readonly model: string;
  /** One sentence that a person can read. */
  readonly reason: string;
}

/** First event: the vendor accepted the request. The gateway adds `callId`, `route` and `cache`. */
export interface StreamStartEvent {
  readonly type: 'stream-start';
  readonly warnings: readonly Warning[];
  readonly callId?: string | undefined;
  readonly route?: RouteInfo | undefined;
  /** Tokens that were not sent, thanks to the compressor, or not used, thanks to the cache. */
  readonly tokensSaved?: number | undefined;
  /** Added by the gateway: `hit` for an answer that was kept, `joined` for one that somebody else had asked for. */
  readonly cache?: 'hit' | 'joined' | undefined;
}

/** What the vendor says about its answer. May come more than once; later fields win. */
export interface ResponseMetadataEvent {
  readonly type: 'response-metadata';
  /** The vendor's id of the answer. */
  readonly id?: string | undefined;
  /** The model that was served, which may differ from the one that was asked for. */
  readonly modelId?: string | undefined;
  /** When the vendor made it, in milliseconds since 1970. */
  readonly timestamp?: number | undefined;
  /** The input as the vendor has counted it already, for calls that never come to their `finish`. */
  readonly inputTokens?: Usage['inputTokens'] | undefined;
}

/** Last event of every complete answer. The gateway adds `cost`. */
export interface FinishEvent extends WithMetadata {
  readonly type: 'finish';
  readonly finishReason: FinishReason;
  /** The vendor's own word for it. */
  readonly rawFinishReason?: string | undefined;
  readonly usage: Usage;
  readonly cost?: Cost | undefined;
}

/**
 * One event of a model's answer. `stream-start` comes first and `finish` last; a stream that ends without `finish`
 * was interrupted. Blocks (`text`, `reasoning`, `tool-input`) have an id, open with `-start` and close with `-end`.
 * Failures are thrown, they are not events.
 */
export type ModelEvent =
  | StreamStartEvent
  | ResponseMetadataEvent
  | ({ readonly type: 'text-start'; readonly id: string; readonly refusal?: true | undefined } & WithMetadata)
  | ({ readonly type: 'text-delta'; readonly id: string; readonly delta: string } & WithMetadata)
  | ({ readonly type: 'text-end'; readonly id: string } & WithMetadata)
  | ({ readonly type: 'reasoning-start'; readonly id: string } & WithMetadata)
  | ({ readonly type: 'reasoning-delta'; readonly id: string; readonly delta: string } & WithMetadata)
  | ({ readonly type: 'reasoning-end'; readonly id: string } & WithMetadata)
  /** `id` is the tool call's id. */
  | ({ readonly type: 'tool-input-start'; readonly id: string; readonly toolName: string } & WithMetadata)
  | ({ readonly type: 'tool-input-delta'; readonly id: string; readonly delta: string } & WithMetadata)
  | ({ readonly type: 'tool-input-end'; readonly id: string } & WithMetadata)
  /** A complete call, after its input blocks if there were any. `input` is the text that the model wrote. */
  | ({
      readonly type: 'tool-call';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: string;
    } & WithMetadata)
  | FilePart
  | SourcePart
  | FinishEvent;
