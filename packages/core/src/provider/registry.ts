import { isPromise } from '../internal/is-promise.js';
import type { ErrorCode } from '../model/errors/error-code.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import { redactSecrets } from '../telemetry/redact.js';
import { redactError } from '../telemetry/redact-error.js';
import { type Catalogue, type CatalogueOptions, createCatalogue } from './catalogue.js';
import { checkPrices } from './check-price.js';
import type { Credential, CredentialSource } from './credential-source.js';
import { DEFAULT_ALIASES } from './default-aliases.js';
import { environmentCredentials } from './environment-credentials.js';
import type { CatalogueModel, ModelInfo } from './model-info.js';
import type { KeyVerification, Provider } from './provider.js';
import { checkLimits, createLimiter, type Limiter, type ProviderLimits } from './provider-limits.js';
import { verifyKey } from './verify-key.js';
import { within } from './within.js';

/** How a provider stands in the registry. */
export interface ProviderState {
  /** A provider that is switched off is never called. Default: true. */
  readonly enabled?: boolean | undefined;
  /** Among models that fit equally, the provider of the highest priority goes first. Default: 0. */
  readonly priority?: number | undefined;
  /** How much of it this process uses at once. Default: no limits. */
  readonly limits?: ProviderLimits | undefined;
}

/** A provider and how it stands. */
export interface RegisteredProvider {
  readonly provider: Provider;
  readonly enabled: boolean;
  readonly priority: number;
}

/** How to build a registry. */
export interface RegistryOptions {
  readonly providers?: readonly (Provider | (ProviderState & { readonly provider: Provider }))[] | undefined;
  /** Where keys come from. Default: environment variables. */
  readonly credentials?: CredentialSource | undefined;
  readonly catalogue?: CatalogueOptions | undefined;
}

/** The providers of a host, which can be changed while it runs. */
export interface Registry {
  /** @throws MillraceError `INVALID_CONFIG` when the id is taken or malformed, or the priority or a price is wrong. */
  register(provider: Provider, state?: ProviderState): void;
  /** Take a provider out; calls that are running go on. `false` when there was none. */
  unregister(id: string): boolean;
  /** @throws MillraceError `UNKNOWN_PROVIDER` */
  enable(id: string): void;
  /** @throws MillraceError `UNKNOWN_PROVIDER` */
  disable(id: string): void;
  /** @throws MillraceError `UNKNOWN_PROVIDER`, or `BAD_REQUEST` when the priority is not a finite number. */
  setPriority(id: string, priority: number): void;
  get(id: string): RegisteredProvider | undefined;
  /** All providers, highest priority first; equal ones in the order in which they were registered. */
  list(): readonly RegisteredProvider[];
  /** The providers that are switched on, in the same order. */
  enabled(): readonly Provider[];
  /** The models of the providers that are switched on. */
  models(): readonly CatalogueModel[];
  /** The same, cheapest first by a blend of three input tokens to one output token; unknown prices last. */
  modelsByCost(): readonly CatalogueModel[];
  /** A model of one provider by its id or alias, whether the provider is switched on or not. */
  findModel(provider: string, id: string): CatalogueModel | undefined;
  /** The models of that name at the providers that are switched on, highest priority first. */
  modelsNamed(id: string): readonly CatalogueModel[];
  /** Other names, and what each stands for: the host's before the built-in ones. */
  aliases(): Readonly<Record<string, string>>;
  /**
   * The key for a provider right now: the provider's own source first, then the registry's. A promise only when a
   * source has to be waited for.
   */
  credential(id: string, signal?: AbortSignal): Credential | undefined | PromiseLike<Credential | undefined>;
  /** Another key in place of one that was refused, where the source has one. See `CredentialSource.replace`. */
  replaceCredential(
    id: string,
    refused: Credential,
    code: ErrorCode,
    signal?: AbortSignal,
  ): Promise<Credential | undefined>;
  /**
   * Wait for a place under the provider's limits; `undefined` at once where there are none.
   *
   * @returns what gives the place back.
   * @throws MillraceError `BUSY` when none comes free in time, `UNKNOWN_PROVIDER`, or the signal's reason.
   */
  acquire(id: string, signal: AbortSignal): Promise<() => void> | undefined;
  /** Whether a provider is switched on and has the key that it needs. Asks no vendor. */
  isReady(id: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Prove a provider's key by the cheapest request there is, within 10 seconds. Never throws for a bad key.
   *
   * @param credential - The key to prove. Default: the one that a call would use now.
   * @throws MillraceError `UNKNOWN_PROVIDER`, or `CANCELLED` when the signal is aborted.
   */
  verify(id: string, signal?: AbortSignal, credential?: Credential): Promise<KeyVerification>;
  /**
   * Ask the vendor for its models, within 10 seconds, and remember them beside the known ones.
   *
   * @throws MillraceError `UNKNOWN_PROVIDER`, `TIMEOUT`, `CANCELLED`, or what the provider says of the failure.
   */
  discoverModels(id: string, signal?: AbortSignal): Promise<readonly ModelInfo[]>;
}

interface Entry {
  readonly provider: Provider;
  enabled: boolean;
  priority: number;
  discovered: readonly ModelInfo[];
  readonly limiter: Limiter | undefined;
}

const PROVIDER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const DISCOVERY_MS = 10_000;

/**
 * Build a registry.
 *
 * @throws MillraceError `INVALID_CONFIG` when two providers share an id, or one of them or a price is malformed.
 */
export const createRegistry = (options: RegistryOptions = {}): Registry => {
  const entries = new Map<string, Entry>();
  const credentials = options.credentials ?? environmentCredentials();
  const overrides = options.catalogue?.models ?? {};
  for (const [name, facts] of Object.entries(overrides)) checkPrices(facts, name);
  const aliases = { ...DEFAULT_ALIASES, ...options.catalogue?.aliases };
  let sorted: readonly Entry[] | undefined;
  let all: Catalogue | undefined;
  let active: Catalogue | undefined;

  const changed = (): void => {
    sorted = all = active = undefined;
  };
  const inOrder = (): readonly Entry[] =>
    (sorted ??= [...entries.values()].sort((a, b) => b.priority - a.priority));
  const catalogueOf = (chosen: readonly Entry[]): Catalogue =>
    createCatalogue(
      chosen.map(({ provider, discovered }) => ({ provider, models: merged(provider.models, discovered) })),
      overrides,
    );
  const current = (catalogue: Catalogue | undefined): Catalogue | undefined =>
    catalogue !== undefined && Date.now() < catalogue.validUntil ? catalogue : undefined;
  const everything = (): Catalogue => (all = current(all) ?? catalogueOf(inOrder()));
  const switchedOn = (): Catalogue =>
    (active = current(active) ?? catalogueOf(inOrder().filter((entry) => entry.enabled)));
  const need = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry !== undefined) return entry;
    const known = inOrder().map((other) => other.provider.id);
    throw new MillraceError(
      'UNKNOWN_PROVIDER',
      `There is no provider "${id}". Registered: ${known.length > 0 ? known.join(', ') : 'none'}.`,
    );
  };

  const credential: Registry['credential'] = (id, signal) => {
    const { provider } = need(id);
    const query = { provider: id, ...provider.credential, signal };
    const others = (own: Credential | undefined): ReturnType<Registry['credential']> => {
      const found = usable(own) ?? credentials.get(query);
      return isPromise(found) ? found.then(usable) : usable(found);
    };
    const own = provider.credentialSource?.get(query);
    return isPromise(own) ? own.then(others) : others(own);
  };

  const registry: Registry = {
    register(provider, state = {}) {
      if (!PROVIDER_ID.test(provider.id)) {
        throw new MillraceError(
          'INVALID_CONFIG',
          `The provider id "${provider.id}" is not valid: use 1 to 64 lower-case letters, digits and "-".`,
        );
      }
      if (entries.has(provider.id)) {
        throw new MillraceError(
          'INVALID_CONFIG',
          `There is already a provider "${provider.id}". Give this one another id, or unregister the first.`,
        );
      }
      const { enabled = true, priority = 0, limits } = state;
      checkPriority(priority, 'INVALID_CONFIG');
      checkLimits(provider.id, limits);
      for (const model of [...provider.models, ...(provider.embeddingModels ?? [])])
        checkPrices(model, `${provider.id}:${model.id}`);
      const limiter = createLimiter(provider.id, limits);
      entries.set(provider.id, { provider, enabled, priority, discovered: [], limiter });
      changed();
    },
    unregister(id) {
      const known = entries.delete(id);
      changed();
      return known;
    },
    enable(id) {
      need(id).enabled = true;
      changed();
    },
    disable(id) {
      need(id).enabled = false;
      changed();
    },
    setPriority(id, priority) {
      checkPriority(priority, 'BAD_REQUEST');
      need(id).priority = priority;
      changed();
    },
    get(id) {
      const entry = entries.get(id);
      return entry && state(entry);
    },
    list: () => inOrder().map(state),
    enabled: () => inOrder().flatMap((entry) => (entry.enabled ? [entry.provider] : [])),
    models: () => switchedOn().models,
    modelsByCost: () => switchedOn().byCost,
    findModel: (provider, id) => everything().find(provider, id),
    modelsNamed: (id) => switchedOn().named(id),
    aliases: () => aliases,
    credential,
    async replaceCredential(id, refused, code, signal) {
      const { provider } = need(id);
      const query = { provider: id, ...provider.credential, signal };
      const own = usable(await provider.credentialSource?.get(query));
      const source = own === undefined ? credentials : provider.credentialSource;
      return usable(await source?.replace?.(query, refused, code));
    },
    acquire: (id, signal) => need(id).limiter?.acquire(signal),
    async isReady(id, signal) {
      const { provider, enabled } = need(id);
      if (!enabled) return false;
      if (!provider.credential.required) return true;
      try {
        return (await credential(id, signal)) !== undefined;
      } catch (error) {
        // A source that has a key but must not give it out, such as one that was revoked.
        if (MillraceError.isInstance(error) && error.code === 'AUTHENTICATION') return false;
        throw error;
      }
    },
    async verify(id, signal, given) {
      return verifyKey(need(id).provider, (limited) => given ?? credential(id, limited), signal);
    },
    async discoverModels(id, signal) {
      const entry = need(id);
      const { provider } = entry;
      if (provider.discoverModels === undefined) return provider.models;
      let apiKey = '';
      try {
        entry.discovered = await within(DISCOVERY_MS, signal, async (limited) => {
          const key = await credential(id, limited);
          apiKey = key?.apiKey ?? '';
          return (await provider.discoverModels?.({ credential: key, signal: limited })) ?? [];
        });
      } catch (error) {
        if (!MillraceError.isInstance(error)) {
          throw new ProviderError('NETWORK', `${provider.label} could not be asked for its models.`, {
            provider: id,
          });
        }
        throw signal?.aborted ? error : redactError(error, (text) => redactSecrets(text, [apiKey]));
      }
      changed();
      return entry.discovered;
    },
  };
  for (const item of options.providers ?? []) {
    if ('provider' in item) registry.register(item.provider, item);
    else registry.register(item);
  }
  return registry;
};

/** A blank key is no key. */
const usable = (credential: Credential | undefined): Credential | undefined =>
  credential === undefined || credential.apiKey.trim() === '' ? undefined : credential;

const checkPriority = (priority: number, code: 'INVALID_CONFIG' | 'BAD_REQUEST'): void => {
  if (!Number.isFinite(priority))
    throw new MillraceError(code, `A priority is a finite number, not ${priority}.`);
};

const state = ({ provider, enabled, priority }: Entry): RegisteredProvider => ({
  provider,
  enabled,
  priority,
});

/** Known models first, with what is known of them; then those only the vendor told of. */
const merged = (known: readonly ModelInfo[], discovered: readonly ModelInfo[]): readonly ModelInfo[] => {
  if (discovered.length === 0) return known;
  const names = new Set(known.flatMap((model) => [model.id, ...(model.aliases ?? [])]));
  return [...known, ...discovered.filter((model) => !names.has(model.id))];
};
