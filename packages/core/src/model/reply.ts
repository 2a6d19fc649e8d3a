import type { Cost } from './cost.js';
import type { FinishReason } from './finish-reason.js';
import type { AssistantMessage, AssistantPart, ToolCallPart } from './message.js';
import type { RouteInfo } from './model-event.js';
import type { ProviderMetadata } from './provider-metadata.js';
import type { Usage } from './usage.js';
import type { Warning } from './warning.js';

/** A whole answer: the fold of its events. */
export interface Reply {
  /** Our id of the call; the key of its ledger record. */
  readonly id: string;
  /** Everything the model produced, in order. */
  readonly content: readonly AssistantPart[];
  /** All text parts joined; empty when there are none. A refusal is not part of it. */
  readonly text: string;
  /** All reasoning parts joined; empty when there are none. */
  readonly reasoning: string;
  /** What the model said when it declined to answer. */
  readonly refusal: string | undefined;
  readonly toolCalls: readonly ToolCallPart[];
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | undefined;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly warnings: readonly Warning[];
  readonly route: RouteInfo;
  /** `hit` for an answer that was kept, `joined` for one that somebody else had asked for at the same time. */
  readonly cache: 'hit' | 'joined' | undefined;
  /** Tokens that were not sent, thanks to the compressor, or not used, thanks to the cache. */
  readonly tokensSaved: number | undefined;
  /** What the vendor says of its answer. `modelId` is the served model; `timestamp` is in milliseconds since 1970. */
  readonly response: {
    readonly id: string | undefined;
    readonly modelId: string;
    readonly timestamp: number | undefined;
  };
  /** The answer as a message, to append to the conversation. */
  readonly message: AssistantMessage;
  readonly providerMetadata: ProviderMetadata | undefined;
}
