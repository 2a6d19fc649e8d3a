import { closest, distance } from 'fastest-levenshtein';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { CatalogueModel, ModelTier } from '../provider/model-info.js';
import { blendedPrice } from '../provider/price.js';
import type { Registry } from '../provider/registry.js';
import type { RouteCandidate } from './route-decision.js';

const TIERS: readonly ModelTier[] = ['economy', 'standard', 'premium'];

/** What a name stands for. */
export type NamedTarget =
  | { readonly kind: 'models'; readonly candidates: readonly RouteCandidate[] }
  | { readonly kind: 'choice'; readonly tier: ModelTier | undefined; readonly via: string | undefined };

/**
 * Find what a caller means by a name: `provider:model`, a model's name, an alias, `tier:…`, or `auto`.
 *
 * @throws MillraceError `UNKNOWN_MODEL`, `PROVIDER_DISABLED`, or `INVALID_CONFIG` for aliases that lead in a circle.
 */
export const resolveName = (registry: Registry, requested: string): NamedTarget => {
  const { target, via } = followAliases(registry, requested);
  const named = explicit(registry, target) ?? bare(registry, target);
  if (named !== undefined) {
    const candidates = via === undefined ? named : named.map((one) => because(one, via));
    return { kind: 'models', candidates };
  }
  const tier = TIERS.find((name) => target === `tier:${name}`);
  if (tier === undefined && target !== 'auto') return unknownModel(registry, requested, target);
  return { kind: 'choice', tier, via };
};

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
