import { existsSync } from 'node:fs';
import { combineCredentials, createGateway, environmentCredentials, type Gateway } from '@millrace/core';
import { loadConfig } from '@millrace/core/config';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { findProviders } from '@millrace/providers';
import { openai } from '@millrace/providers/openai';
import { simulated } from '@millrace/providers/simulated';
import { openVault, vaultPath } from './open-vault.ts';

/** A gateway on what the machine and the vault have, with the ledger that the example server uses too when run in the same folder. */
export const assembleGateway = async (environment: NodeJS.ProcessEnv): Promise<Gateway> => {
  const file = environment['MILLRACE_CONFIG'] ?? (existsSync('millrace.yaml') ? 'millrace.yaml' : undefined);
  const config = file === undefined ? undefined : await loadConfig(file);
  const found = await findProviders(config, { environment });
  const vault = existsSync(vaultPath(environment)) ? await openVault(environment) : undefined;
  const kept = vault === undefined ? [] : await vault.list({ provider: 'openai' });
  const baseUrl = environment['OPENAI_BASE_URL'];
  const isFound = found.some((one) => ('provider' in one ? one.provider : one).id === 'openai');
  const providers = kept.length > 0 && !isFound ? [...found, openai({ ...(baseUrl && { baseUrl }) })] : found;
  const fromEnvironment = environmentCredentials(environment);
  return createGateway({
    providers: providers.length > 0 ? providers : [simulated({ delayMs: 20 })],
    credentials:
      vault === undefined ? fromEnvironment : combineCredentials(vault.credentials(), fromEnvironment),
    catalogue: { models: config?.models, aliases: config?.aliases },
    defaultModel: config?.defaultModel,
    timeLimits: config?.timeLimits,
    retry: config?.retry,
    ledger: sqliteLedger({
      path: environment['MILLRACE_LEDGER'] ?? config?.ledger?.path ?? '.millrace/ledger.db',
    }),
  });
};
