import { closest, distance } from 'fastest-levenshtein';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelRequest } from '../model/model-request.js';
import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import { blendedPrice } from '../provider/price.js';
import type { Registry } from '../provider/registry.js';
import { missingKeyMessage } from '../provider/verify-key.js';
import { lacking } from './capability-gate.js';
import type { RouteCandidate, RouteDecision } from './route-decision.js';

/** Decides which model answers a call. */
export interface Router {
  /**
   * Resolve the model that the request names. Asks no vendor.
   *
   * @param cancellation - Its signal ends the wait for keys; it is asked for only when there is something to wait for.
   * @returns a promise only when it has to be found out which providers have a key.
   * @throws MillraceError `UNKNOWN_MODEL`, `PROVIDER_DISABLED` or `NO_PROVIDER`, with what to do about it.
   */
  decide(
    request: ModelRequest,
    cancellation?: { readonly signal: AbortSignal },
  ): RouteDecision | Promise<RouteDecision>;
}

const TIERS: readonly ModelTier[] = ['economy', 'standard', 'premium'];

/**
 * The router: an explicit `provider:model`, a bare model name, an alias, `tier:…`, or `auto`. For a tier and for
 * `auto` the provider's priority goes first, then the price.
 */
export const createRouter = (registry: Registry): Router => ({
  decide(request, cancellation) {
    const requested = request.model;
    const { target, via } = followAliases(registry, requested);
    const decided = (candidates: readonly RouteCandidate[]): RouteDecision => ({
      requested,
      candidates: via === undefined ? candidates : candidates.map((one) => because(one, via)),
    });
    const named = explicit(registry, target) ?? bare(registry, target);
    if (named !== undefined) return decided(named);
    const tier = TIERS.find((name) => target === `tier:${name}`);
    if (tier === undefined && target !== 'auto') return unknownModel(registry, requested, target);
    return byTier(registry, { target, tier }, request, cancellation?.signal).then(decided);
  },
});

const because = (candidate: RouteCandidate, via: string): RouteCandidate => ({
  ...candidate,
  reason: `${candidate.reason} ("${via}" is an alias)`,
});

/** An alias is followed only when no model of that very name can be called. */
const followAliases = (registry: Registry, requested: string): { target: string; via?: string } => {
  const aliases = registry.aliases();
  const seen = new Set<string>();
  let target = requested;
  while (!seen.has(target)) {
    seen.add(target);
    const next =
      Object.hasOwn(aliases, target) && registry.modelsNamed(target).length === 0
        ? aliases[target]
        : undefined;
    if (next === undefined) return target === requested ? { target } : { target, via: requested };
    target = next;
  }
  throw new MillraceError(
    'INVALID_CONFIG',
    `The alias "${requested}" leads in a circle; correct the aliases.`,
  );
};

/** `provider:model`. The model need not be in the catalogue: vendors add models faster than any list. */
const explicit = (registry: Registry, target: string): RouteCandidate[] | undefined => {
  const colon = target.indexOf(':');
  if (colon < 1) return undefined;
  const id = target.slice(0, colon);
  const model = target.slice(colon + 1);
  const registered = registry.get(id);
  if (registered === undefined || model === '') return undefined;
  if (!registered.enabled) {
    throw new MillraceError(
      'PROVIDER_DISABLED',
      `The provider "${id}" is switched off. Enable it, or name another model.`,
    );
  }
  const info = registry.findModel(id, model);
  return [{ provider: id, model, reason: `${target}: named by the caller`, info }];
};

const bare = (registry: Registry, target: string): RouteCandidate[] | undefined => {
  const found = registry.modelsNamed(target);
  if (found.length === 0) return undefined;
  const priority = ({ provider }: CatalogueModel): number => registry.get(provider)?.priority ?? 0;
  const cost = ({ price }: CatalogueModel): number => Math.min(blendedPrice(price), Number.MAX_VALUE);
  const others =
    found.length > 1 ? `; of ${found.length} providers that have it, the first by priority and price` : '';
  return found
    .toSorted((a, b) => priority(b) - priority(a) || cost(a) - cost(b))
    .map((info) => ({
      provider: info.provider,
      model: target,
      reason: `${info.provider}:${target}: the model that the caller named${others}`,
      info,
    }));
};

const byTier = async (
  registry: Registry,
  { target, tier }: { readonly target: string; readonly tier: ModelTier | undefined },
  request: ModelRequest,
  signal: AbortSignal | undefined,
): Promise<RouteCandidate[]> => {
  const ready = await readyProviders(registry, signal);
  if (ready.size === 0) throw noProvider(registry);
  const models = registry.modelsByCost().filter((model) => ready.has(model.provider));
  const fit = models.filter(
    (model) => (tier === undefined || model.tier === tier) && lacking(model, request) === undefined,
  );
  if (fit.length === 0) throw nothingFits(target, models, request);
  const priority = (model: CatalogueModel): number => ready.get(model.provider) ?? 0;
  const simulated = registry.get(fit[0]?.provider ?? '')?.provider.simulated === true;
  const samePriority = new Set(fit.map(priority)).size === 1;
  return fit
    .toSorted((a, b) => priority(b) - priority(a))
    .map((info, rank) => ({
      provider: info.provider,
      model: info.id,
      info,
      reason: tierReason(info, tier, { rank, samePriority, simulated }),
    }));
};

/** Where a model stands among those that fit. */
interface Place {
  readonly rank: number;
  readonly samePriority: boolean;
  readonly simulated: boolean;
}

const tierReason = (
  info: CatalogueModel,
  tier: ModelTier | undefined,
  { rank, samePriority, simulated }: Place,
): string => {
  const first = samePriority ? 'cheapest' : 'first by priority, then cheapest,';
  const place =
    rank === 0 ? first : `number ${rank + 1} by ${samePriority ? 'price' : 'priority and price'},`;
  const price =
    info.price === undefined
      ? 'price unknown'
      : `$${info.price.input} in / $${info.price.output} out per 1M tokens`;
  const note = simulated ? '; simulated, because no real provider is ready' : '';
  return `${info.provider}:${info.id}: ${place} ready ${tier ?? 'model'}${tier ? ' model' : ''} that fits the request (${price})${note}`;
};

/** Providers that can be called now, with their priority. A simulated one counts only when no real one is ready. */
const readyProviders = async (
  registry: Registry,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> => {
  const ready = new Map<string, number>();
  const simulated = new Map<string, number>();
  // All are asked at once: a slow source of keys is waited for only once, and the registry cannot change in between.
  const answers = registry.list().map(async (registered) => ({
    ...registered,
    isReady: await registry.isReady(registered.provider.id, signal),
  }));
  for (const { provider, priority, isReady } of await Promise.all(answers)) {
    if (isReady) (provider.simulated === true ? simulated : ready).set(provider.id, priority);
  }
  return ready.size > 0 ? ready : simulated;
};

const noProvider = (registry: Registry): MillraceError => {
  const reasons = registry
    .list()
    .map(({ provider, enabled }) =>
      enabled ? missingKeyMessage(provider) : `${provider.label} is switched off.`,
    );
  const what =
    reasons.length > 0 ? reasons.join(' ') : 'None is registered: pass `providers` to the gateway.';
  return new MillraceError('NO_PROVIDER', `No provider is ready. ${what}`);
};

const nothingFits = (
  target: string,
  models: readonly CatalogueModel[],
  request: ModelRequest,
): MillraceError => {
  const missing = [
    ...new Set(models.map((model) => lacking(model, request)).filter((reason) => reason !== undefined)),
  ];
  const why = missing.length > 0 ? ` The request needs ${missing.join(' and ')}.` : '';
  const known =
    models.length > 0
      ? `Models of ready providers that were considered: ${models.length}.`
      : 'The ready providers list no models: name one as provider:model.';
  return new MillraceError('NO_PROVIDER', `No ready model fits "${target}".${why} ${known}`);
};

const unknownModel = (registry: Registry, requested: string, target: string): never => {
  const names = [
    ...new Set([
      ...registry.models().flatMap((model) => [model.id, `${model.provider}:${model.id}`]),
      ...Object.keys(registry.aliases()),
      'auto',
      ...TIERS.map((tier) => `tier:${tier}`),
    ]),
  ];
  const near = closest(target, names);
  const guess =
    distance(target, near) <= Math.max(2, Math.floor(target.length / 3)) ? ` Did you mean "${near}"?` : '';
  const providers = registry.enabled().map((provider) => provider.id);
  const how =
    providers.length > 0
      ? ` Use provider:model with one of ${providers.join(', ')}, a tier such as tier:economy, or auto.`
      : ' No provider is switched on.';
  throw new MillraceError('UNKNOWN_MODEL', `There is no model "${requested}".${guess}${how}`, {
    details: { requested, ...(guess !== '' && { suggestion: near }) },
  });
};
