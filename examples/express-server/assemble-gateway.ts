import { existsSync } from 'node:fs';
import { createGateway, createLogger, environmentCredentials, type Gateway } from '@millrace/core';
import { loadConfig, type MillraceConfig } from '@millrace/core/config';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { findProviders } from '@millrace/providers';
import { simulated } from '@millrace/providers/simulated';

/** What the server runs on. */
export interface Assembly {
  readonly gateway: Gateway;
  readonly config: MillraceConfig;
  /** Where the ledger is kept. */
  readonly ledgerPath: string;
  close(): Promise<void>;
}

const DEFAULT_CONFIG = 'millrace.yaml';
const DEFAULT_LEDGER = '.millrace/ledger.db';

/**
 * Put a gateway together from `millrace.yaml` if there is one (or the file that `MILLRACE_CONFIG` names), and from
 * the environment: keys, further providers, a local Ollama. With none of them the simulated provider answers.
 */
export const assembleGateway = async (environment: NodeJS.ProcessEnv): Promise<Assembly> => {
  const file = environment['MILLRACE_CONFIG'] ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const config: MillraceConfig = file === undefined ? { version: 1, providers: [] } : await loadConfig(file);
  const providers = await findProviders(config, { environment });
  const ledgerPath = environment['MILLRACE_LEDGER'] ?? config.ledger?.path ?? DEFAULT_LEDGER;
  const logger = createLogger({ level: 'warn' });

  const ledger = sqliteLedger({
    path: ledgerPath,
    onError: (error) => logger.error({ error }, 'the ledger failed'),
  });
  const gateway = createGateway({
    providers: providers.length > 0 ? providers : [simulated({ delayMs: 20 })],
    credentials: environmentCredentials(environment),
    catalogue: { models: config.models, aliases: config.aliases },
    defaultModel: config.defaultModel,
    timeLimits: config.timeLimits,
    retry: config.retry,
    cache: config.cache,
    ledger,
    logger,
  });
  return {
    gateway,
    config,
    ledgerPath,
    async close() {
      await gateway.close();
      await ledger.close();
    },
  };
};
