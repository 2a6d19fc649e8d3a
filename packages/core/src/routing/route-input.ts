import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import type { HistoryFigures } from './history/history-figures.js';
import type { RejectedModel } from './rejected-model.js';
import type { RequestNeeds } from './request-needs.js';
import type { RoutedTask } from './routed-task.js';
import type { RouteMode } from './routing-policy.js';

/** A model that could be called, and what is known of it at this moment. */
export interface RouteModel {
  readonly info: CatalogueModel;
  /** Of its provider. */
  readonly priority: number;
  /** Why it should be skipped for now; absent when it works as far as is known. */
  readonly coolDown?: string | undefined;
  readonly history?: HistoryFigures | undefined;
  /** What a trained router predicts, 0 to 1. */
  readonly learned?: number | undefined;
}

/**
 * Everything that a choice between models depends on. Plain JSON: the same input gives the same decision, so that one
 * that was kept can be looked at again.
 */
export interface RouteInput {
  readonly requested: string;
  /** The alias that led here, where one did. */
  readonly via?: string | undefined;
  readonly mode: Exclude<RouteMode, 'manual' | 'orchestrated'>;
  /** The tier that was named; absent for `auto`. */
  readonly tier?: ModelTier | undefined;
  readonly task?: RoutedTask | undefined;
  readonly needs: RequestNeeds;
  readonly threshold: number;
  /** Cheaper models go first, because a budget is nearly used. */
  readonly downgrade: boolean;
  /** A name for that budget. */
  readonly budget?: string | undefined;
  /** US dollars that the tightest budget has left; absent where no budget is for the call. */
  readonly leftUsd?: number | undefined;
  /** This call may try a model that is not proven. */
  readonly explore: boolean;
  /** The provider that the call is held to, in single-model mode. */
  readonly activeProvider?: string | undefined;
  /** Models of ready providers, cheapest first. */
  readonly models: readonly RouteModel[];
  /** Providers that were left out before. */
  readonly excluded: readonly RejectedModel[];
  /** No real provider is ready. */
  readonly simulated: boolean;
}
