import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import type { ExperimentAssignment } from './experiments/experiments.js';
import type { RejectedModel } from './rejected-model.js';
import type { RouteInput } from './route-input.js';
import type { RoutedTask } from './routed-task.js';
import type { RouteMode } from './routing-policy.js';

/** A model that may answer the call, and why. */
export interface RouteCandidate {
  readonly provider: string;
  /** The id that the provider takes. */
  readonly model: string;
  /** One sentence that a person can read. */
  readonly reason: string;
  /** What the catalogue knows of the model; absent for a model that it does not list. */
  readonly info?: CatalogueModel | undefined;
  /** About what the call will cost, in US dollars; absent where the price is not known. */
  readonly estimatedCostUsd?: number | undefined;
  /** How likely it is to succeed, 0 to 1; absent where nothing is known. */
  readonly predictedSuccess?: number | undefined;
  /** It is not what was asked for, but stands in when that fails. */
  readonly failover?: true | undefined;
}

/** What the router decided. */
export interface RouteDecision {
  /** The model as the caller named it. */
  readonly requested: string;
  /** By which rule: absent where the caller named the model. */
  readonly mode?: RouteMode | undefined;
  /** Best first; never empty. */
  readonly candidates: readonly RouteCandidate[];
  /** What was looked at and is no candidate. */
  readonly rejected: readonly RejectedModel[];
  /** Absent where nobody had to know. */
  readonly task?: RoutedTask | undefined;
  /** The tier that it went to first. */
  readonly tier?: ModelTier | undefined;
  /** A budget was nearly used, and cheaper models were preferred. */
  readonly downgraded?: true | undefined;
  /** The first candidate is tried out, and not the best choice. */
  readonly explored?: true | undefined;
  /**
   * What the choice was made from, as plain JSON: `decideRoute` gives the same choice of it again, before an experiment and
   * single-model mode put theirs first. Absent where the caller named the model.
   */
  readonly input?: RouteInput | undefined;
  /** The experiment that it takes part in. */
  readonly experiment?: ExperimentAssignment | undefined;
  /** Single-model mode held the call to this provider. */
  readonly activeProvider?: string | undefined;
}
