import { existsSync } from 'node:fs';
import { createGateway, environmentCredentials, type Gateway } from '@millrace/core';
import { loadConfig } from '@millrace/core/config';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { findProviders } from '@millrace/providers';
import { simulated } from '@millrace/providers/simulated';

/** A gateway on what the machine has, with the ledger that the example server uses too when run in the same folder. */
export const assembleGateway = async (environment: NodeJS.ProcessEnv): Promise<Gateway> => {
  const file = environment['MILLRACE_CONFIG'] ?? (existsSync('millrace.yaml') ? 'millrace.yaml' : undefined);
  const config = file === undefined ? undefined : await loadConfig(file);
  const providers = await findProviders(config, { environment });
  return createGateway({
    providers: providers.length > 0 ? providers : [simulated({ delayMs: 20 })],
    credentials: environmentCredentials(environment),
    catalogue: { models: config?.models, aliases: config?.aliases },
    defaultModel: config?.defaultModel,
    timeLimits: config?.timeLimits,
    ledger: sqliteLedger({
      path: environment['MILLRACE_LEDGER'] ?? config?.ledger?.path ?? '.millrace/ledger.db',
    }),
  });
};
