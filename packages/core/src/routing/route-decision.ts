import type { CatalogueModel } from '../provider/model-info.js';

/** A model that may answer the call, and why. */
export interface RouteCandidate {
  readonly provider: string;
  /** The id that the provider takes. */
  readonly model: string;
  /** One sentence that a person can read. */
  readonly reason: string;
  /** What the catalogue knows of the model; absent for a model that it does not list. */
  readonly info?: CatalogueModel | undefined;
}

/** What the router decided. */
export interface RouteDecision {
  /** The model as the caller named it. */
  readonly requested: string;
  /** Best first; never empty. */
  readonly candidates: readonly RouteCandidate[];
}
