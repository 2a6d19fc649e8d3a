import type { TaskClassifier } from '../routing/classify/task-verdict.js';
import type { CoolDown } from '../routing/cool-down/cool-down.js';
import type { Experiments } from '../routing/experiments/experiments.js';
import type { Exploration } from '../routing/history/exploration.js';
import type { History } from '../routing/history/history.js';
import type { LearnedRouter } from '../routing/learned/learned-router.js';
import type { RoutingPolicy } from '../routing/routing-policy.js';

/** What routing goes by besides its policy. */
export interface RoutingParts {
  /**
   * How well models did. Default: in memory, and learned from calls while the policy is `cost-aware`. One that is given
   * here learns from every call. `false`: nothing is learned.
   */
  readonly history?: History | false | undefined;
  /** What is skipped because it fails. Default: in memory. `false`: nothing is skipped. */
  readonly coolDown?: CoolDown | false | undefined;
  /**
   * Which calls have their kind of task in the ledger. `needed`: those whose model was chosen by it, and all while
   * something is learned. `all`: those with a named model too. Default: `needed`.
   */
  readonly classify?: 'needed' | 'all' | undefined;
  /** Default: `classifyTask`. When one fails, that is used. */
  readonly classifier?: TaskClassifier | undefined;
  /** A/B experiments between models, for calls that leave the choice to the router. Default: none. */
  readonly experiments?: Experiments | undefined;
  /** Expects from the text of a request how well each model will do, for `cost-aware`. Default: none does. */
  readonly learned?: LearnedRouter | undefined;
  /** Lets some calls try cheaper models that are not proven. Default: none does. */
  readonly exploration?: Exploration | undefined;
}

/** How models are chosen. */
export type RoutingOptions = RoutingPolicy & RoutingParts;

/** The routing of a running gateway. */
export interface Routing {
  /** The policy that holds now. */
  policy(): RoutingPolicy;
  /**
   * Change it for the calls that begin from now on.
   *
   * @throws MillraceError `BAD_REQUEST` for a policy that cannot be right.
   */
  setPolicy(policy: RoutingPolicy): void;
  /** How well models did; undefined when nothing is learned. */
  readonly history: History | undefined;
  /** What is skipped because it fails; undefined when nothing is. */
  readonly coolDown: CoolDown | undefined;
}
