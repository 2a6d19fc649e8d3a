import { existsSync } from 'node:fs';
import { combineCredentials, createGateway, environmentCredentials, type Gateway } from '@millrace/core';
import { type Budgets, createBudgets, recordBudgetLimits } from '@millrace/core/budget';
import { loadConfig } from '@millrace/core/config';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { createSqliteCounterStore, createSqliteRecordStore } from '@millrace/core/storage/sqlite';
import { findProviders } from '@millrace/providers';
import { openai } from '@millrace/providers/openai';
import { simulated } from '@millrace/providers/simulated';
import { openVault, vaultPath } from './open-vault.ts';

/** What the commands work with. */
export interface Assembly {
  readonly gateway: Gateway;
  readonly budgets: Budgets;
  close(): Promise<void>;
}

/** A gateway on what the machine and the vault have, with the ledger that the example server uses too when run in the same folder. */
export const assembleGateway = async (environment: NodeJS.ProcessEnv): Promise<Assembly> => {
  const file = environment['MILLRACE_CONFIG'] ?? (existsSync('millrace.yaml') ? 'millrace.yaml' : undefined);
  const config = file === undefined ? undefined : await loadConfig(file);
  const found = await findProviders(config, { environment });
  const vault = existsSync(vaultPath(environment)) ? await openVault(environment) : undefined;
  const kept = vault === undefined ? [] : await vault.list({ provider: 'openai' });
  const baseUrl = environment['OPENAI_BASE_URL'];
  const isFound = found.some((one) => ('provider' in one ? one.provider : one).id === 'openai');
  const providers = kept.length > 0 && !isFound ? [...found, openai({ ...(baseUrl && { baseUrl }) })] : found;
  const fromEnvironment = environmentCredentials(environment);
  const budgetPath = environment['MILLRACE_BUDGET'] ?? config?.budget?.path ?? '.millrace/budget.db';
  const counters = createSqliteCounterStore({ path: budgetPath });
  const limits = createSqliteRecordStore({ path: budgetPath });
  const budgets = createBudgets({ ...config?.budget, counters, limitStore: recordBudgetLimits(limits) });
  const gateway = createGateway({
    providers: providers.length > 0 ? providers : [simulated({ delayMs: 20 })],
    credentials:
      vault === undefined ? fromEnvironment : combineCredentials(vault.credentials(), fromEnvironment),
    catalogue: { models: config?.models, aliases: config?.aliases },
    defaultModel: config?.defaultModel,
    timeLimits: config?.timeLimits,
    retry: config?.retry,
    routing: { ...config?.routing, classify: 'all' },
    compression: config?.compression,
    budgets,
    ledger: sqliteLedger({
      path: environment['MILLRACE_LEDGER'] ?? config?.ledger?.path ?? '.millrace/ledger.db',
    }),
  });
  return {
    gateway,
    budgets,
    async close() {
      await gateway.close();
      await gateway.ledger.close();
      await counters.close();
      await limits.close();
    },
  };
};
