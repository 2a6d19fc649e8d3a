import { isPromise } from '../internal/is-promise.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelRequest } from '../model/model-request.js';
import type { ModelTier } from '../provider/model-info.js';
import type { Registry } from '../provider/registry.js';
import { classifyTask } from './classify/classify-task.js';
import type { TaskClassifier, TaskVerdict } from './classify/task-verdict.js';
import type { CoolDown } from './cool-down/cool-down.js';
import { dealExperiment } from './deal-experiment.js';
import { decideRoute } from './decide-route.js';
import type { Experiments } from './experiments/experiments.js';
import type { Exploration } from './history/exploration.js';
import type { History } from './history/history.js';
import type { LearnedRouter } from './learned/learned-router.js';
import { noProvider, readyProviders } from './ready-models.js';
import { needsOf } from './request-needs.js';
import { resolveName } from './resolve-name.js';
import type { RouteCandidate, RouteDecision } from './route-decision.js';
import { locked, lockedOut, nameOne, nothingFits } from './route-errors.js';
import type { RouteInput, RouteModel } from './route-input.js';
import type { RoutedTask } from './routed-task.js';
import type { RequestRouting, RoutingPolicy, SingleModelPolicy } from './routing-policy.js';

/** What goes with a request that is to be routed. */
export interface RouteContext {
  /** Its signal ends the wait for keys; it is asked for only when there is something to wait for. */
  readonly cancellation?: { readonly signal: AbortSignal } | undefined;
  readonly routing?: RequestRouting | undefined;
  /** Whom an experiment deals out: the user, the run. Default: nobody takes part. */
  readonly subject?: string | undefined;
  /** A budget that is nearly used, by its name. */
  readonly nearLimit?: string | undefined;
  /** US dollars that the tightest budget has left. */
  readonly leftUsd?: number | undefined;
}

/** Decides which model answers a call. */
export interface Router {
  /**
   * Resolve the model that the request names. Asks no vendor.
   *
   * @returns a promise only when it has to be found out which providers have a key.
   * @throws MillraceError `UNKNOWN_MODEL`, `PROVIDER_DISABLED`, `PROVIDER_LOCKED` or `NO_PROVIDER`, with what to do
   * about it.
   */
  decide(request: ModelRequest, context?: RouteContext): RouteDecision | Promise<RouteDecision>;
}

/** What a router goes by besides the registry. */
export interface RouterOptions {
  /** The policy of the moment. */
  readonly policy?: (() => RoutingPolicy) | undefined;
  readonly classifier?: TaskClassifier | undefined;
  readonly history?: History | undefined;
  readonly coolDown?: CoolDown | undefined;
  readonly exploration?: Exploration | undefined;
  readonly experiments?: Experiments | undefined;
  readonly learned?: LearnedRouter | undefined;
  /** Told of a classifier that failed (the built-in one is used then), and of an experiment that cannot be run. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const THRESHOLD = 0.8;

/** The router: what a name means, and for a tier and `auto` the choice by the policy. */
export const createRouter = (registry: Registry, options: RouterOptions = {}): Router => {
  const { history, coolDown, exploration } = options;

  const verdictOn = async (request: ModelRequest, context: RouteContext): Promise<TaskVerdict> => {
    const { classifier } = options;
    if (classifier === undefined) return classifyTask(request);
    try {
      return await classifier(request, context.cancellation);
    } catch (error) {
      if (context.cancellation?.signal.aborted) throw error;
      options.onError?.(error);
      return classifyTask(request);
    }
  };

  const taskOf = async (request: ModelRequest, context: RouteContext): Promise<RoutedTask> => {
    const { category, complexity, confidence } = await verdictOn(request, context);
    const stated = context.routing?.category;
    return stated === undefined
      ? { category, complexity, confidence }
      : { category: stated, complexity, confidence: 1 };
  };

  const choose = async (
    request: ModelRequest,
    { tier, via }: { readonly tier: ModelTier | undefined; readonly via: string | undefined },
    context: RouteContext,
    policy: RoutingPolicy,
  ): Promise<RouteDecision> => {
    const mode = choiceMode(policy, context.routing);
    const lock = policy.mode === 'single-model' ? policy : undefined;
    const only = lock === undefined || lock.allowFailover === true ? undefined : lock.activeProvider;
    const signal = context.cancellation?.signal;
    const { ready, excluded, simulated } = await readyProviders(registry, { only, signal });
    if (lock !== undefined && !ready.has(lock.activeProvider) && lock.allowFailover !== true)
      throw lockedOut(registry, lock);
    if (ready.size === 0) throw noProvider(registry);
    const needsTask = tier === undefined || mode === 'cost-aware';
    const task = needsTask ? await taskOf(request, context) : undefined;
    const models: RouteModel[] = [];
    const expected = mode === 'cost-aware' ? expectations(request, ready) : undefined;
    for (const info of registry.modelsByCost()) {
      const priority = ready.get(info.provider);
      if (priority === undefined) continue;
      const standing = coolDown?.check(info.provider, info.id);
      models.push({
        info,
        priority,
        ...(standing !== undefined && !standing.callable && { coolDown: standing.reason }),
        ...(expected?.has(`${info.provider}:${info.id}`) && {
          learned: expected.get(`${info.provider}:${info.id}`),
        }),
        ...(history !== undefined &&
          task !== undefined && { history: history.look(info.provider, info.id, task.category) }),
      });
    }
    const input: RouteInput = {
      requested: request.model,
      via,
      mode,
      tier,
      task,
      needs: needsOf(request),
      threshold: context.routing?.threshold ?? policy.threshold ?? THRESHOLD,
      downgrade: context.nearLimit !== undefined && policy.downgrade !== false,
      budget: context.nearLimit,
      leftUsd: context.leftUsd,
      explore: false,
      activeProvider: lock?.activeProvider,
      models,
      excluded,
      simulated,
    };
    const tried = explored(input, exploration);
    const decision = { ...withLock(decideRoute(tried), lock), input: tried };
    if (decision.candidates.length === 0) throw nothingFits(request.model, input);
    if (tier !== undefined || lock !== undefined || context.subject === undefined) return decision;
    try {
      return dealExperiment(decision, {
        input,
        registry,
        subject: context.subject,
        experiments: options.experiments,
      });
    } catch (error) {
      options.onError?.(error);
      return decision;
    }
  };

  /** What the trained router expects of the models that it knows. */
  const expectations = (
    request: ModelRequest,
    ready: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, number> | undefined => {
    const known = options.learned?.models.filter((name) => ready.has(name.slice(0, name.indexOf(':'))));
    if (known === undefined || known.length === 0) return undefined;
    const { models } = options.learned?.predict(request, known) ?? { models: [] };
    return new Map(models.map(({ model, probability }) => [model, probability]));
  };

  /** What stands in for models that the caller named. */
  const standIns = async (
    request: ModelRequest,
    context: RouteContext,
    policy: RoutingPolicy,
    first: RouteDecision,
  ): Promise<RouteDecision> => {
    const names = policy.fallbacks?.[request.model] ?? policy.fallbacks?.['*'] ?? [];
    const candidates = [...first.candidates];
    const isNew = (other: RouteCandidate): boolean =>
      !candidates.some((one) => one.provider === other.provider && one.model === other.model);
    for (const name of names) {
      const found = resolveName(registry, name);
      const { candidates: others } =
        found.kind === 'models' ? found : await choose({ ...request, model: name }, found, context, policy);
      for (const other of others.filter(isNew))
        candidates.push({
          ...other,
          reason: `${other.reason}; stands in for ${request.model}`,
          failover: true,
        });
    }
    return { ...first, candidates: held(candidates, policy) };
  };

  const named = (
    request: ModelRequest,
    found: readonly RouteCandidate[],
    context: RouteContext,
    policy: RoutingPolicy,
  ): RouteDecision | Promise<RouteDecision> => {
    const lock = policy.mode === 'single-model' ? policy : undefined;
    const allowed = lock === undefined ? found : found.filter((one) => one.provider === lock.activeProvider);
    const [first] = found;
    if (allowed.length === 0 && lock !== undefined && first !== undefined)
      throw locked(`${first.provider}:${first.model}`, lock);
    const candidates = awake(allowed, coolDown);
    const decision: RouteDecision = {
      requested: request.model,
      candidates,
      rejected: allowed
        .filter((one) => !candidates.includes(one))
        .map(({ provider, model }) => ({
          provider,
          model,
          kind: 'cool-down' as const,
          reason: skippedBecause(coolDown, provider, model),
        })),
      ...(lock !== undefined && { activeProvider: lock.activeProvider }),
    };
    if (context.routing?.fallback === false || policy.fallbacks === undefined) return decision;
    return standIns(request, context, policy, decision);
  };

  const decide = (
    request: ModelRequest,
    context: RouteContext,
    policy: RoutingPolicy,
  ): RouteDecision | Promise<RouteDecision> => {
    const found = resolveName(registry, request.model);
    if (found.kind === 'models') return named(request, found.candidates, context, policy);
    if (policy.mode === 'single-model' && policy.activeModel !== undefined && found.tier === undefined) {
      const model = resolveName(registry, `${policy.activeProvider}:${policy.activeModel}`);
      if (model.kind === 'models') return named(request, model.candidates, context, policy);
    }
    const mode = policy.mode === 'single-model' ? 'single-model' : (context.routing?.mode ?? policy.mode);
    if (found.tier !== undefined) return choose(request, found, context, policy);
    if (mode === 'manual') throw nameOne(registry);
    if (mode !== 'orchestrated') return choose(request, found, context, policy);
    return assigned(request, context, policy).then(
      (decision) => decision ?? choose(request, found, context, policy),
    );
  };

  /** The model of the role, or of the kind of task. */
  const assigned = async (
    request: ModelRequest,
    context: RouteContext,
    policy: RoutingPolicy,
  ): Promise<RouteDecision | undefined> => {
    if (policy.mode !== 'orchestrated') return undefined;
    const role = context.routing?.role;
    const byRole = role === undefined ? undefined : policy.roles?.[role];
    if (role !== undefined && byRole === undefined && policy.roles !== undefined)
      throw new MillraceError(
        'BAD_REQUEST',
        `There is no role "${role.slice(0, 60)}". Known: ${Object.keys(policy.roles).join(', ')}.`,
      );
    const task = byRole === undefined ? await taskOf(request, context) : undefined;
    const name = byRole ?? (task && policy.categories?.[task.category]);
    if (name === undefined) return undefined;
    const why = byRole === undefined ? `for ${task?.category} tasks` : `for the role ${role}`;
    // What a role is given may be a tier, but never `auto`: that would lead back here.
    if (name === 'auto') return undefined;
    const decision = await decide({ ...request, model: name }, context, policy);
    const candidates = decision.candidates.map((one, place) =>
      place === 0 ? { ...one, reason: `${one.reason}; chosen ${why}` } : one,
    );
    const known = decision.task ?? task;
    return {
      ...decision,
      candidates,
      requested: request.model,
      mode: 'orchestrated',
      ...(known !== undefined && { task: known }),
    };
  };

  return {
    decide(request, context = {}) {
      const policy = options.policy?.() ?? {};
      const decision = decide(request, context, policy);
      return isPromise(decision)
        ? decision.then((found) => bounded(found, context, policy))
        : bounded(decision, context, policy);
    },
  };
};

const MOST_ATTEMPTS = 5;

/** As many candidates as may be tried. */
const bounded = (
  decision: RouteDecision,
  { routing }: RouteContext,
  policy: RoutingPolicy,
): RouteDecision => {
  const most = routing?.fallback === false ? 1 : (policy.maxAttempts ?? MOST_ATTEMPTS);
  if (decision.candidates.length <= most) return decision;
  const reason = `no more than ${most} ${most === 1 ? 'candidate is' : 'candidates are'} tried`;
  const left = decision.candidates
    .slice(most)
    .map(({ provider, model }) => ({ provider, model, kind: 'policy' as const, reason }));
  return {
    ...decision,
    candidates: decision.candidates.slice(0, most),
    rejected: [...decision.rejected, ...left],
  };
};

const choiceMode = (policy: RoutingPolicy, routing: RequestRouting | undefined): RouteInput['mode'] => {
  if (policy.mode === 'single-model') return 'single-model';
  const mode = routing?.mode ?? policy.mode ?? 'heuristic';
  if (mode === 'orchestrated')
    return (policy.mode === 'orchestrated' ? policy.otherwise : undefined) ?? 'heuristic';
  return mode === 'manual' ? 'heuristic' : mode;
};

/** The input, with leave to try a model out when there is one to try and the exploration allows it. */
const explored = (input: RouteInput, exploration: Exploration | undefined): RouteInput => {
  if (exploration === undefined || input.mode !== 'cost-aware') return input;
  const trying = { ...input, explore: true };
  return decideRoute(trying).explored === true && exploration.take() ? trying : input;
};

/** In single-model mode the active provider's models go first; those of others only stand in. */
const withLock = (decision: RouteDecision, lock: SingleModelPolicy | undefined): RouteDecision => {
  if (lock === undefined) return decision;
  const isOwn = ({ provider }: RouteCandidate): boolean => provider === lock.activeProvider;
  const others = decision.candidates
    .filter((one) => !isOwn(one))
    .map((one) => ({
      ...one,
      failover: true as const,
      reason: `${one.reason}; stands in for ${lock.activeProvider}`,
    }));
  return { ...decision, candidates: [...decision.candidates.filter(isOwn), ...others] };
};

const held = (candidates: readonly RouteCandidate[], policy: RoutingPolicy): readonly RouteCandidate[] =>
  policy.mode === 'single-model' && policy.allowFailover !== true
    ? candidates.filter(({ provider }) => provider === policy.activeProvider)
    : candidates;

/** Without those that cool down, unless there are no others. */
const awake = (
  candidates: readonly RouteCandidate[],
  coolDown: CoolDown | undefined,
): readonly RouteCandidate[] => {
  if (coolDown === undefined || candidates.length < 2) return candidates;
  const callable = candidates.filter(({ provider, model }) => coolDown.check(provider, model).callable);
  return callable.length === 0 ? candidates : callable;
};

const skippedBecause = (coolDown: CoolDown | undefined, provider: string, model: string): string => {
  const standing = coolDown?.check(provider, model);
  return standing !== undefined && 'reason' in standing ? standing.reason : 'it fails';
};
