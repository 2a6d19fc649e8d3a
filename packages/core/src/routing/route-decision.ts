import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import type { TaskCategory } from './classify/task-verdict.js';
import type { ExperimentAssignment } from './experiments/experiments.js';
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

/** Why a model was not considered. */
export type RejectionKind =
  /** Single-model mode holds the call to another provider. */
  | 'lock'
  /** The provider is switched off. */
  | 'disabled'
  /** The provider has no key. */
  | 'no-key'
  /** It failed several times in a row. */
  | 'cool-down'
  /** It cannot do what the request needs. */
  | 'capability'
  /** The request is longer than it takes. */
  | 'context'
  /** It is likely to cost more than a budget has left. */
  | 'budget'
  /** A rule of the policy, such as no simulated models beside real ones. */
  | 'policy';

/** A model that was considered, and why it is no candidate. */
export interface RejectedModel {
  readonly provider: string;
  /** Absent when it is about all models of the provider. */
  readonly model?: string | undefined;
  readonly kind: RejectionKind;
  readonly reason: string;
}

/** What the router found the request to be. */
export interface RoutedTask {
  readonly category: TaskCategory;
  /** 0 to 100. */
  readonly complexity: number;
  readonly confidence: number;
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
  /** The experiment that it takes part in. */
  readonly experiment?: ExperimentAssignment | undefined;
  /** Single-model mode held the call to this provider. */
  readonly activeProvider?: string | undefined;
}
