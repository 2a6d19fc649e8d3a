import type { Cost } from '../model/cost.js';
import type { RouteInfo } from '../model/model-event.js';
import type { ProviderOptions } from '../model/provider-metadata.js';
import type { Warning } from '../model/warning.js';
import type { CallLabels, TimeLimits } from './chat-request.js';
import type { RetryOptions } from './retry-policy.js';

/** Texts to turn into vectors. */
export interface EmbedRequest extends CallLabels {
  /** `provider:model`, the name of an embedding model, or an alias. There is no default: vectors of two models do not compare. */
  readonly model: string;
  /** At least one text, none of them empty. */
  readonly values: readonly string[];
  /** Length of each vector, where the model offers a choice. Default: the model's own. */
  readonly dimensions?: number | undefined;
  /** What the vectors are for, where the vendor makes them differently. */
  readonly purpose?: 'query' | 'document' | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Only `totalMs` counts. Default: the gateway's, or 600,000. */
  readonly timeLimits?: TimeLimits | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The vectors of the texts, in their order. */
export interface EmbedReply {
  /** Our id of the call; the key of its ledger record. */
  readonly id: string;
  readonly embeddings: readonly (readonly number[])[];
  readonly cost: Cost;
  readonly warnings: readonly Warning[];
  readonly route: RouteInfo;
  /** The model that was served. */
  readonly modelId: string;
}
