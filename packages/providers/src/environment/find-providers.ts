import type { MillraceConfig } from '@millrace/core/config';
import type { Provider, ProviderState } from '@millrace/core/provider';
import { providersFromConfig } from '../config/providers-from-config.js';
import { type EnvironmentOptions, providersFromEnvironment } from './providers-from-environment.js';

/**
 * The providers of a configuration and those that the environment tells of, ready for a gateway. Where both know a
 * provider of the same id, the configuration's counts.
 *
 * @throws ConfigError when either cannot be understood.
 */
export const findProviders = async (
  config: Pick<MillraceConfig, 'providers'> | undefined,
  options: EnvironmentOptions = {},
): Promise<(ProviderState & { readonly provider: Provider })[]> => {
  const configured = config === undefined ? [] : providersFromConfig(config);
  const taken = new Set(configured.map(({ provider }) => provider.id));
  const found = await providersFromEnvironment(options);
  return [...configured, ...found.filter(({ id }) => !taken.has(id)).map((provider) => ({ provider }))];
};
