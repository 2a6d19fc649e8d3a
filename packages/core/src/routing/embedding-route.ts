import { MillraceError } from '../model/errors/millrace-error.js';
import type { ModelInfo } from '../provider/model-info.js';
import { blendedPrice } from '../provider/price.js';
import type { Provider } from '../provider/provider.js';
import type { Registry } from '../provider/registry.js';
import type { RouteCandidate } from './route-decision.js';

/**
 * Find the embedding model that a name stands for. Asks no vendor.
 *
 * @throws MillraceError `UNKNOWN_MODEL`, `PROVIDER_DISABLED`, or `BAD_REQUEST` when the provider has no embeddings.
 */
export const routeEmbedding = (registry: Registry, requested: string): RouteCandidate => {
  const aliases = registry.aliases();
  const alias = Object.hasOwn(aliases, requested) ? aliases[requested] : undefined;
  const target = named(registry, requested).length > 0 ? requested : (alias ?? requested);
  const via = target === requested ? '' : ` ("${requested}" is an alias)`;
  const found = explicit(registry, target) ?? named(registry, target)[0];
  if (found !== undefined) return { ...found, reason: `${found.reason}${via}` };
  const known = registry
    .enabled()
    .flatMap(({ id, embeddingModels = [] }) => embeddingModels.map((model) => `${id}:${model.id}`));
  const which =
    known.length > 0 ? `Known: ${known.join(', ')}.` : 'No provider lists one: use provider:model.';
  throw new MillraceError('UNKNOWN_MODEL', `There is no embedding model "${requested}". ${which}`, {
    details: { requested },
  });
};

const explicit = (registry: Registry, target: string): RouteCandidate | undefined => {
  const colon = target.indexOf(':');
  const registered = colon > 0 ? registry.get(target.slice(0, colon)) : undefined;
  const model = target.slice(colon + 1);
  if (registered === undefined || model === '') return undefined;
  const { provider, enabled } = registered;
  if (!enabled) {
    throw new MillraceError(
      'PROVIDER_DISABLED',
      `The provider "${provider.id}" is switched off. Enable it, or name another model.`,
    );
  }
  if (provider.embed === undefined)
    throw new MillraceError('BAD_REQUEST', `${provider.label} has no embeddings. Name another provider.`);
  return candidate(registry, provider, model, `${target}: named by the caller`);
};

const named = (registry: Registry, target: string): RouteCandidate[] =>
  registry
    .list()
    .filter(({ provider, enabled }) => enabled && provider.embed !== undefined && knows(provider, target))
    .toSorted((a, b) => b.priority - a.priority || costOf(a.provider, target) - costOf(b.provider, target))
    .map(({ provider }) =>
      candidate(registry, provider, target, `${provider.id}:${target}: the model that the caller named`),
    );

const infoOf = (provider: Provider, name: string): ModelInfo | undefined =>
  provider.embeddingModels?.find(({ id, aliases }) => id === name || aliases?.includes(name));

const knows = (provider: Provider, name: string): boolean => infoOf(provider, name) !== undefined;

const costOf = (provider: Provider, name: string): number =>
  Math.min(blendedPrice(infoOf(provider, name)?.price), Number.MAX_VALUE);

const candidate = (registry: Registry, provider: Provider, model: string, reason: string): RouteCandidate => {
  // What the host says of a model goes before what the provider says.
  const info = registry.findModel(provider.id, model) ?? infoOf(provider, model);
  return {
    provider: provider.id,
    model,
    reason,
    ...(info !== undefined && { info: { ...info, provider: provider.id } }),
  };
};
