import { existsSync } from 'node:fs';
import { createGateway, createLogger, environmentCredentials, type Gateway } from '@millrace/core';
import { type Budgets, createBudgets, recordBudgetLimits } from '@millrace/core/budget';
import { loadConfig, type MillraceConfig } from '@millrace/core/config';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { createSqliteCounterStore, createSqliteRecordStore } from '@millrace/core/storage/sqlite';
import { findProviders } from '@millrace/providers';
import { simulated } from '@millrace/providers/simulated';

/** What the server runs on. */
export interface Assembly {
  readonly gateway: Gateway;
  readonly budgets: Budgets;
  readonly config: MillraceConfig;
  /** Where the ledger is kept. */
  readonly ledgerPath: string;
  close(): Promise<void>;
}

const DEFAULT_CONFIG = 'millrace.yaml';
const DEFAULT_LEDGER = '.millrace/ledger.db';
const DEFAULT_BUDGET = '.millrace/budget.db';

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
  const budgetPath = environment['MILLRACE_BUDGET'] ?? config.budget?.path ?? DEFAULT_BUDGET;
  const counters = createSqliteCounterStore({ path: budgetPath });
  const limits = createSqliteRecordStore({ path: budgetPath });
  const budgets = createBudgets({
    ...config.budget,
    counters,
    limitStore: recordBudgetLimits(limits),
  });
  const gateway = createGateway({
    providers: providers.length > 0 ? providers : [simulated({ delayMs: 20 })],
    credentials: environmentCredentials(environment),
    catalogue: { models: config.models, aliases: config.aliases },
    defaultModel: config.defaultModel,
    timeLimits: config.timeLimits,
    retry: config.retry,
    routing: { ...config.routing, classify: 'all' },
    compression: config.compression,
    cache: config.cache,
    budgets,
    ledger,
    logger,
  });
  return {
    gateway,
    budgets,
    config,
    ledgerPath,
    async close() {
      await gateway.close();
      await ledger.close();
      await counters.close();
      await limits.close();
    },
  };
};
