import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { TASK_CATEGORIES, type TaskCategory } from './classify/task-verdict.js';

/**
 * How `auto` and tiers are decided. `manual`: the caller names the model. `heuristic`: the tier that the task looks
 * like, and the cheapest model of it. `cost-aware`: the cheapest model that has done well enough at such tasks, and
 * where there is no history, as `heuristic`. `orchestrated`: a model for the role or the kind of task. `single-model`:
 * one provider and no other.
 */
export type RouteMode = 'manual' | 'heuristic' | 'cost-aware' | 'orchestrated' | 'single-model';

interface CommonPolicy {
  /** The success rate that is good enough for `cost-aware`, 0 to 1. Default: 0.8. */
  readonly threshold?: number | undefined;
  /**
   * What to call when a named model fails: its name, as callers write it, to other names; `*` for all that have no entry.
   * Default: a model that the caller names has nothing that stands in for it.
   */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Candidates that a call may try in all. Default: 5. */
  readonly maxAttempts?: number | undefined;
  /** Prefer cheaper models when a budget is nearly used. Default: true. */
  readonly downgrade?: boolean | undefined;
}

/** A policy that may choose between providers. */
export interface OpenPolicy extends CommonPolicy {
  /** Default: `heuristic`. */
  readonly mode?: 'manual' | 'heuristic' | 'cost-aware' | undefined;
}

/** A model for each role, or for each kind of task. Names are what callers may write: `tier:premium` too. */
export interface OrchestratedPolicy extends CommonPolicy {
  readonly mode: 'orchestrated';
  /** By the request's `routing.role`, which goes before the kind of task. */
  readonly roles?: Readonly<Record<string, string>> | undefined;
  readonly categories?: Readonly<Partial<Record<TaskCategory, string | undefined>>> | undefined;
  /** For everything else. Default: `heuristic`. */
  readonly otherwise?: 'heuristic' | 'cost-aware' | undefined;
}

/** One provider, and no other is called, loaded or verified. */
export interface SingleModelPolicy extends CommonPolicy {
  readonly mode: 'single-model';
  /** The id of the provider. */
  readonly activeProvider: string;
  /** Its model for `auto`. Default: as `heuristic`, among its models. */
  readonly activeModel?: string | undefined;
  /** Whether another provider may stand in when this one fails. Default: false. */
  readonly allowFailover?: boolean | undefined;
}

/** How models are chosen. Plain data: it can be kept in a file, and changed while calls run. */
export type RoutingPolicy = OpenPolicy | OrchestratedPolicy | SingleModelPolicy;

/** What one request wants otherwise. */
export interface RequestRouting {
  /** Not for a policy of `single-model`, which no request gets out of. */
  readonly mode?: 'manual' | 'heuristic' | 'cost-aware' | 'orchestrated' | undefined;
  /** Who asks, for `orchestrated`: one of the policy's `roles`. */
  readonly role?: string | undefined;
  /** The kind of task, where the caller knows it. Default: by the classifier. */
  readonly category?: TaskCategory | undefined;
  /** Default: the policy's. */
  readonly threshold?: number | undefined;
  /** `false`: only the first candidate is called. Default: true. */
  readonly fallback?: boolean | undefined;
}

const MODES: readonly unknown[] = ['manual', 'heuristic', 'cost-aware', 'orchestrated', 'single-model'];
const MOST_ATTEMPTS = 20;

/** @throws MillraceError of the given code for a policy that cannot be right. */
export const checkRoutingPolicy = (policy: RoutingPolicy, code: ErrorCode = 'INVALID_CONFIG'): void => {
  const wrong = (message: string): never => {
    throw new MillraceError(code, message);
  };
  const { mode, threshold, maxAttempts, fallbacks, downgrade } = policy;
  if (mode !== undefined && !MODES.includes(mode))
    wrong(`\`routing.mode\` must be one of ${MODES.join(', ')}.`);
  checkThreshold(threshold, wrong);
  if (
    maxAttempts !== undefined &&
    !(Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= MOST_ATTEMPTS)
  )
    wrong(`\`routing.maxAttempts\` must be a whole number from 1 to ${MOST_ATTEMPTS}.`);
  if (downgrade !== undefined && typeof downgrade !== 'boolean')
    wrong('`routing.downgrade` must be true or false.');
  for (const [name, others] of Object.entries(fallbacks ?? {})) {
    if (!Array.isArray(others) || others.some((other) => typeof other !== 'string' || other === ''))
      wrong(`\`routing.fallbacks["${name}"]\` must be a list of model names.`);
  }
  if (policy.mode === 'single-model') {
    const { activeProvider, activeModel, allowFailover } = policy;
    if (typeof activeProvider !== 'string' || activeProvider === '')
      wrong('Single-model mode needs `routing.activeProvider`, the id of the provider.');
    if (activeModel !== undefined && (typeof activeModel !== 'string' || activeModel === ''))
      wrong('`routing.activeModel` must name a model of the provider.');
    if (allowFailover !== undefined && typeof allowFailover !== 'boolean')
      wrong('`routing.allowFailover` must be true or false.');
  }
  if (policy.mode === 'orchestrated') {
    for (const [role, name] of Object.entries(policy.roles ?? {}))
      if (typeof name !== 'string' || name === '') wrong(`\`routing.roles["${role}"]\` must name a model.`);
    for (const [category, name] of Object.entries(policy.categories ?? {})) {
      if (!isCategory(category))
        wrong(`\`routing.categories\` takes ${TASK_CATEGORIES.join(', ')}, not "${category.slice(0, 40)}".`);
      if (name !== undefined && (typeof name !== 'string' || name === ''))
        wrong(`\`routing.categories["${category}"]\` must name a model.`);
    }
  }
};

/** @throws MillraceError `BAD_REQUEST` for what no request can want. */
export const checkRequestRouting = (routing: RequestRouting | undefined): void => {
  if (routing === undefined) return;
  const wrong = (message: string): never => {
    throw new MillraceError('BAD_REQUEST', message);
  };
  if (typeof routing !== 'object' || routing === null) wrong('`routing` must be an object.');
  const { mode, role, category, threshold, fallback } = routing;
  if (mode !== undefined && !(MODES.includes(mode) && (mode as string) !== 'single-model'))
    wrong('`routing.mode` must be manual, heuristic, cost-aware or orchestrated.');
  if (role !== undefined && (typeof role !== 'string' || role === ''))
    wrong('`routing.role` must be a text.');
  if (category !== undefined && !isCategory(category))
    wrong(`\`routing.category\` must be one of ${TASK_CATEGORIES.join(', ')}.`);
  checkThreshold(threshold, wrong);
  if (fallback !== undefined && typeof fallback !== 'boolean')
    wrong('`routing.fallback` must be true or false.');
};

const isCategory = (value: unknown): value is TaskCategory =>
  (TASK_CATEGORIES as readonly unknown[]).includes(value);

const checkThreshold = (threshold: unknown, wrong: (message: string) => never): void => {
  if (threshold === undefined) return;
  if (!(typeof threshold === 'number' && threshold >= 0 && threshold <= 1))
    wrong('`routing.threshold` must be a number from 0 to 1.');
};
