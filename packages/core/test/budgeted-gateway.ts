import { expect, vi } from 'vitest';
import {
  type BudgetLimit,
  type BudgetStatus,
  type Budgets,
  type BudgetsOptions,
  createBudgets,
} from '../src/budget/index.js';
import { createGateway, type GatewayOptions } from '../src/gateway/create-gateway.js';
import type { Gateway } from '../src/gateway/gateway.js';
import type { Provider } from '../src/provider/index.js';
import { play, type Script, scriptedProvider, textAnswer } from './scripted-provider.js';

/** What a gateway under a budget is made of. */
export interface SetUp {
  readonly script?: Script;
  readonly limit?: Partial<BudgetLimit>;
  readonly options?: BudgetsOptions;
  readonly gateway?: GatewayOptions;
  readonly provider?: Partial<Provider>;
}

/** The parts of it. */
export interface BudgetedGateway {
  readonly provider: ReturnType<typeof scriptedProvider>;
  readonly budgets: Budgets;
  readonly gateway: Gateway;
}

/** A provider at $1 per million tokens in and $2 out, whose answers use 1,000 and 500 tokens: $0.002. */
export const setUp = ({
  script = play(textAnswer('ok')),
  limit,
  options,
  ...rest
}: SetUp = {}): BudgetedGateway => {
  const provider = scriptedProvider(script, rest.provider);
  const budgets = createBudgets({
    limits: [{ id: 'all', limitUsd: 1, period: 'day', ...limit }],
    waitForHeldMs: 0,
    ...options,
  });
  const gateway = createGateway({
    providers: [provider],
    budgets,
    retry: { minDelayMs: 1, maxDelayMs: 2 },
    ...rest.gateway,
  });
  return { provider, budgets, gateway };
};

/** A request of some $0.002. */
export const ask = { model: 'scripted:one', prompt: 'Hi', maxOutputTokens: 1_000 } as const;

/** How the first budget stands. */
export const standing = async (budgets: Budgets): Promise<BudgetStatus | undefined> =>
  (await budgets.status({ user: 'ada' }))[0];
/** Waits until so much is used and nothing is held. */
export const settled = (budgets: Budgets, usedUsd: number): Promise<void> =>
  vi.waitFor(async () => {
    const status = await standing(budgets);
    expect(status?.usedUsd).toBeCloseTo(usedUsd, 9);
    expect(status?.reservedUsd).toBe(0);
  });
