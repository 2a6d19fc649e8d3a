import { MillraceError } from '../model/errors/millrace-error.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { Credential } from '../provider/credential-source.js';
import type { Provider } from '../provider/provider.js';
import type { Registry } from '../provider/registry.js';
import { missingKeyMessage } from '../provider/verify-key.js';

/**
 * The provider, if it may be called.
 *
 * @throws MillraceError `UNKNOWN_PROVIDER` or `PROVIDER_DISABLED`.
 */
export const callableProvider = (registry: Registry, id: string): Provider => {
  const { provider, enabled } = registry.get(id) ?? {};
  if (provider === undefined) {
    throw new MillraceError('UNKNOWN_PROVIDER', `The provider "${id}" is not registered any more.`);
  }
  if (enabled !== true)
    throw new MillraceError('PROVIDER_DISABLED', `The provider "${provider.id}" is switched off.`);
  return provider;
};

/** @throws ProviderError `MISSING_KEY` when the provider needs a key and there is none. */
export const checkCredential = (provider: Provider, credential: Credential | undefined): void => {
  if (credential === undefined && provider.credential.required)
    throw new ProviderError('MISSING_KEY', missingKeyMessage(provider), { provider: provider.id });
};
