// A process of its own that uses counters, for tests of many processes. It does what its parent asks.
import { randomUUID } from 'node:crypto';
import { createBudgets } from '../../src/budget/index.js';
import { createGateway } from '../../src/gateway/create-gateway.js';
import { finish, play, scriptedProvider, start, textBlock, usageOf } from '../scripted-provider.js';
import type { CounterCommand } from './counter-commands.js';
import { openCounters, type StorePlace } from './open-stores.js';

const store = openCounters(JSON.parse(String(process.argv[2])) as StorePlace);

const spend = async (command: Extract<CounterCommand, { do: 'spend' }>): Promise<number> => {
  const { calls, atOnce, amount, limit, releaseEvery } = command;
  let begun = 0;
  let settled = 0;
  const worker = async (): Promise<void> => {
    while (begun < calls) {
      begun += 1;
      const leaseId = randomUUID();
      const limits = [
        { key: 'budget', limit },
        { key: `project-${begun % 3}`, limit: Number.MAX_SAFE_INTEGER },
      ];
      const { granted } = await store.reserve(limits, amount, { leaseId, leaseMs: 60_000 });
      if (!granted) continue;
      if (begun % releaseEvery === 0) {
        await store.release(leaseId);
      } else {
        await store.settle(leaseId, amount);
        settled += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return settled;
};

const hoard = async ({ amount, limit, leaseMs }: Extract<CounterCommand, { do: 'hoard' }>): Promise<void> => {
  process.send?.({ result: 'hoarding' });
  for (;;) await store.reserve([{ key: 'budget', limit }], amount, { leaseId: randomUUID(), leaseMs });
};

/** $0.1 a call: 100 tokens of a thousandth of a dollar; up to 300 are asked for. */
const call = async ({ calls, limitUsd }: Extract<CounterCommand, { do: 'call' }>): Promise<number> => {
  const usage = usageOf(0, 100);
  const provider = scriptedProvider(play([start, ...textBlock('ok'), finish(usage)]), {
    models: [{ id: 'one', price: { input: 0, output: 1_000 } }],
  });
  const budgets = createBudgets({
    counters: store,
    limits: [{ id: 'all', limitUsd, period: 'month' }],
    waitForHeldMs: 60_000,
    storeTimeoutMs: 60_000,
  });
  const gateway = createGateway({ providers: [provider], budgets });
  const ask = () =>
    gateway.chat({
      model: 'scripted:one',
      prompt: 'Hi',
      maxOutputTokens: 300,
      timeLimits: { totalMs: 120_000 },
    });
  const answers = await Promise.allSettled(Array.from({ length: calls }, ask));
  await gateway.close();
  for (const answer of answers)
    if (answer.status === 'rejected' && answer.reason.code !== 'BUDGET_EXCEEDED') throw answer.reason;
  return answers.filter(({ status }) => status === 'fulfilled').length;
};

const perform = async (command: CounterCommand): Promise<unknown> => {
  switch (command.do) {
    case 'spend':
      return spend(command);
    case 'hoard':
      return hoard(command);
    case 'call':
      return call(command);
    case 'count':
      return (await store.add('opened', 1)).used;
  }
};

process.on('message', async (command: CounterCommand) => {
  try {
    process.send?.({ result: await perform(command) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({ result: 'ready' });
