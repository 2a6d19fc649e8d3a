import type { ProviderOptions, Warning } from '../model/index.js';

/** Texts to turn into vectors. */
export interface EmbeddingRequest {
  /** The model's id at the provider. */
  readonly model: string;
  /** At least one text, none of them empty. */
  readonly values: readonly string[];
  /** Length of each vector. Default: the model's own. */
  readonly dimensions?: number | undefined;
  /** What the vectors are for, where the vendor makes them differently. */
  readonly purpose?: 'query' | 'document' | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  /** Extra HTTP headers for the vendor. Never logged. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The vectors of the texts, in their order. */
export interface EmbeddingReply {
  readonly embeddings: readonly (readonly number[])[];
  /** The model that was served. */
  readonly modelId: string;
  /** `undefined` where the vendor reports none. */
  readonly tokensIn: number | undefined;
  readonly warnings: readonly Warning[];
}
