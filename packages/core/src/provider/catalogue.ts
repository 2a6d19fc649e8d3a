import type { CatalogueModel, ModelInfo } from './model-info.js';
import { blendedPrice } from './price.js';
import type { Provider } from './provider.js';

/** What a host knows better than the built-in data. */
export interface CatalogueOptions {
  /** Facts by `provider:model`, laid over the provider's own; also adds models that the provider does not list. */
  readonly models?: Readonly<Record<string, Partial<Omit<ModelInfo, 'id'>>>> | undefined;
  /** Other names for a model, an alias or a tier. They go before the built-in ones. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

/** The models of a set of providers, ready to be looked up. Built anew when the set changes, or a price by its day. */
export interface Catalogue {
  /** Providers in order of priority, each with its models in its own order. */
  readonly models: readonly CatalogueModel[];
  /** Cheapest first; unknown prices last. */
  readonly byCost: readonly CatalogueModel[];
  /** When an announced price begins, in milliseconds since 1970; infinite when none is announced. */
  readonly validUntil: number;
  /** By the model's id or one of its aliases, within one provider. */
  find(provider: string, id: string): CatalogueModel | undefined;
  /** Every provider's model of that id or alias, in order of priority. */
  named(id: string): readonly CatalogueModel[];
}

/** Lay a host's facts over what the providers say of their models. */
export const createCatalogue = (
  providers: readonly { readonly provider: Provider; readonly models: readonly ModelInfo[] }[],
  overrides: NonNullable<CatalogueOptions['models']>,
  now: number = Date.now(),
): Catalogue => {
  let validUntil = Number.POSITIVE_INFINITY;
  const models: CatalogueModel[] = [];
  const byName = new Map<string, CatalogueModel[]>();
  const byProvider = new Map<string, Map<string, CatalogueModel>>();

  for (const { provider, models: known } of providers) {
    const own = new Map<string, CatalogueModel>();
    byProvider.set(provider.id, own);
    for (const info of withOverrides(provider.id, known, overrides)) {
      const model: CatalogueModel = { ...pricedAt(info, now), provider: provider.id };
      if (model.nextPrice !== undefined) validUntil = Math.min(validUntil, Date.parse(model.nextPrice.from));
      models.push(model);
      for (const name of new Set([model.id, ...(model.aliases ?? [])])) {
        // An id beats another model's alias of the same text.
        if (own.has(name) && name !== model.id) continue;
        own.set(name, model);
        const named = byName.get(name) ?? [];
        byName.set(name, [...named.filter((other) => other.provider !== provider.id), model]);
      }
    }
  }
  const byCost = models.toSorted((a, b) => order(blendedPrice(a.price), blendedPrice(b.price)));
  return {
    models,
    byCost,
    validUntil,
    find: (provider, id) => byProvider.get(provider)?.get(id),
    named: (id) => byName.get(id) ?? [],
  };
};

/** A price whose day has begun takes the place of the one before it. */
const pricedAt = ({ nextPrice, ...info }: ModelInfo, now: number): ModelInfo => {
  if (nextPrice === undefined) return info;
  return Date.parse(nextPrice.from) > now ? { ...info, nextPrice } : { ...info, price: nextPrice.price };
};

/** Compares also infinities, for which a difference is not a number. */
const order = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const withOverrides = (
  provider: string,
  known: readonly ModelInfo[],
  overrides: NonNullable<CatalogueOptions['models']>,
): ModelInfo[] => {
  const prefix = `${provider}:`;
  const own = new Map(
    Object.entries(overrides)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, facts]) => [name.slice(prefix.length), facts]),
  );
  const laidOver = known.map((info) => {
    const facts = own.get(info.id);
    own.delete(info.id);
    if (facts === undefined) return info;
    // A price of the host's own is not replaced by what the vendor has announced for its list.
    const { nextPrice = facts.price === undefined ? info.nextPrice : undefined } = facts;
    return { ...info, ...facts, nextPrice, capabilities: { ...info.capabilities, ...facts.capabilities } };
  });
  return [...laidOver, ...[...own].map(([id, facts]) => ({ ...facts, id }))];
};
