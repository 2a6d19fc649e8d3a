import type { Price } from './price.js';

/** How capable and dear a model is, for callers who do not want to name one. */
export type ModelTier = 'economy' | 'standard' | 'premium';

/** What a model can do. A missing entry means that it is not known. */
export interface ModelCapabilities {
  readonly tools?: boolean | undefined;
  /** Images as input. */
  readonly vision?: boolean | undefined;
  /** `object`: any valid JSON; `schema`: JSON held to a schema by the vendor. */
  readonly json?: false | 'object' | 'schema' | undefined;
  /** Thinks before it answers. */
  readonly reasoning?: boolean | undefined;
}

/** A price of a later day. */
export interface NextPrice {
  /** The first day on which it holds, `YYYY-MM-DD`, in UTC. */
  readonly from: string;
  readonly price: Price;
}

/** What is known of one model of one provider. */
export interface ModelInfo {
  /** The id that the provider takes. */
  readonly id: string;
  /** Other ids of the same model, such as dated snapshots. */
  readonly aliases?: readonly string[] | undefined;
  readonly tier?: ModelTier | undefined;
  /** Unknown when absent; zero only where calls are free. */
  readonly price?: Price | undefined;
  /** A price that the vendor has announced: it takes the place of `price` in the registry when its day begins. */
  readonly nextPrice?: NextPrice | undefined;
  /** Longest input plus output, in tokens. */
  readonly contextWindow?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly capabilities?: ModelCapabilities | undefined;
  /** The day on which these facts were read, `YYYY-MM-DD`. */
  readonly asOf?: string | undefined;
}

/** A model together with the provider that has it. */
export interface CatalogueModel extends ModelInfo {
  readonly provider: string;
}
