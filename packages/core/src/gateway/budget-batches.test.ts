import { describe, expect, test, vi } from 'vitest';
import { type SetUp, settled, setUp, standing } from '../../test/budgeted-gateway.js';
import {
  failureOf,
  finish,
  play,
  scriptedProvider,
  start,
  textBlock,
  usageOf,
} from '../../test/scripted-provider.js';
import { ProviderError } from '../model/errors/provider-error.js';
import type { BatchItem, BatchProvider, BatchResult, BatchStatus, Provider } from '../provider/index.js';
import { createMemoryCounterStore } from '../storage/memory/memory-counter-store.js';
import { createGateway } from './create-gateway.js';

test('an embedding is asked for, and charged', async () => {
  const { gateway, budgets } = setUp({
    provider: {
      embeddingModels: [{ id: 'vectors', price: { input: 1, output: 0 } }],
      embed: async () => ({ embeddings: [[1]], tokensIn: 4, modelId: 'vectors', warnings: [] }),
    },
  });
  const values = ['Four words of text'];
  await gateway.embed({ model: 'scripted:vectors', values });
  await settled(budgets, 0.000004);
  await budgets.set({ id: 'all', limitUsd: 0, period: 'day' });
  expect(await failureOf(() => gateway.embed({ model: 'scripted:vectors', values }))).toMatchObject({
    code: 'BUDGET_EXCEEDED',
  });
});

describe('the money of an embedding', () => {
  const vectors = (embed: NonNullable<Provider['embed']>): SetUp => ({
    provider: { embeddingModels: [{ id: 'vectors', price: { input: 1, output: 0 } }], embed },
  });
  const request = { model: 'scripted:vectors', values: ['Four words of text'] };

  test('is held for as long as the embedding may take', async () => {
    const counters = createMemoryCounterStore();
    const leases: number[] = [];
    const { gateway } = setUp({
      ...vectors(async () => ({ embeddings: [[1]], tokensIn: 4, modelId: 'vectors', warnings: [] })),
      options: {
        counters: {
          ...counters,
          reserve(limits, amount, lease) {
            leases.push(lease.leaseMs);
            return counters.reserve(limits, amount, lease);
          },
        },
      },
    });
    await gateway.embed({ ...request, timeLimits: { totalMs: 3_600_000 } });
    expect(leases).toEqual([3_660_000]);
  });

  test('is in its record: how much the budget had left', async () => {
    const { gateway } = setUp(
      vectors(async () => ({ embeddings: [[1]], tokensIn: 4, modelId: 'vectors', warnings: [] })),
    );
    const { id } = await gateway.embed(request);
    expect((await gateway.ledger.get(id))?.budgetLeftUsd).toBeCloseTo(1, 2);
  });

  test('is put right also when it took two attempts', async () => {
    const embed = vi
      .fn<NonNullable<Provider['embed']>>()
      .mockRejectedValueOnce(new ProviderError('OVERLOADED', 'Busy.', { provider: 'scripted' }))
      .mockResolvedValue({ embeddings: [[1]], tokensIn: undefined, modelId: 'vectors', warnings: [] });
    const { gateway, budgets } = setUp(vectors(embed));
    const { id } = await gateway.embed(request);
    await gateway.close();
    expect(await gateway.correctCost(id, { costUsd: 0.25 })).toBe(true);
    await settled(budgets, 0.25);
  });
});

describe('a batch', () => {
  const status: BatchStatus = {
    id: 'b1',
    state: 'ended',
    rawState: 'completed',
    counts: { total: 2, succeeded: 2, failed: 0 },
    createdAt: Date.UTC(2026, 10, 20),
  };
  const result = (id: string): BatchResult => ({
    id,
    model: 'one',
    events: [start, ...textBlock('x'), finish(usageOf(1_000, 500))],
  });
  const batch = (submit = async () => status): Partial<Provider> => ({
    batch: {
      priceFactor: 0.5,
      submit,
      status: async () => status,
      cancel: async () => status,
      async *results() {
        yield* [result('a'), result('b')];
      },
    },
  });
  const requests = ['a', 'b'].map((id) => ({ id, prompt: 'Hi', maxOutputTokens: 1_000 }));

  test('holds its worst case until it is collected, also by another process, and is charged once', async () => {
    const { gateway, budgets } = setUp({ provider: batch() });
    const job = await gateway.batches.submit({ model: 'scripted:one', requests });
    const held = (await standing(budgets))?.reservedUsd ?? 0;
    expect(held).toBeGreaterThan(0.002);
    expect(held).toBeLessThan(0.003);
    const other = createGateway({ providers: [scriptedProvider(play([]), batch())], budgets });
    for (let time = 0; time < 2; time++) {
      for await (const answer of other.batches.collect(job.id)) expect(answer).toHaveProperty('reply');
      await settled(budgets, 0.002);
    }
  });

  test('keeps its worst case held until its answers were read to their end', async () => {
    const { gateway, budgets } = setUp({ provider: batch() });
    const job = await gateway.batches.submit({ model: 'scripted:one', requests });
    const before = (await standing(budgets))?.reservedUsd;
    for await (const answer of gateway.batches.collect(job.id)) {
      expect(answer.id).toBe('a');
      break;
    }
    await gateway.close();
    expect(await standing(budgets)).toMatchObject({ usedUsd: 0, reservedUsd: before });
  });

  test('that the vendor refuses as a whole gives its money back', async () => {
    const failed = { ...status, state: 'failed', rawState: 'failed' } as const;
    const { gateway, budgets } = setUp({
      provider: { batch: { ...(batch().batch as BatchProvider), status: async () => failed } },
    });
    const job = await gateway.batches.submit({ model: 'scripted:one', requests });
    expect((await standing(budgets))?.reservedUsd).toBeGreaterThan(0);
    await gateway.batches.wait(job.id);
    await settled(budgets, 0);
  });

  test('that was taken is not lost when the store fails afterwards', async () => {
    const memory = createMemoryCounterStore();
    let asked = 0;
    const { gateway, budgets } = setUp({
      provider: batch(),
      options: {
        counters: {
          ...memory,
          reserve: (...request) =>
            ++asked === 2 ? Promise.reject(new Error('Full.')) : memory.reserve(...request),
        },
      },
    });
    const job = await gateway.batches.submit({ model: 'scripted:one', requests });
    await vi.waitFor(() => expect(asked).toBe(3));
    for await (const answer of gateway.batches.collect(job.id)) expect(answer).toHaveProperty('reply');
    await settled(budgets, 0.002);
  });

  test('of unknown price is held and charged at the stated ceiling for each of its requests', async () => {
    const { gateway, budgets } = setUp({
      provider: { models: [{ id: 'one' }], ...batch() },
      options: { onUnknownPrice: { reserveUsd: 0.1 } },
    });
    const job = await gateway.batches.submit({ model: 'scripted:one', requests });
    expect((await standing(budgets))?.reservedUsd).toBeCloseTo(0.2, 9);
    for await (const answer of gateway.batches.collect(job.id)) expect(answer).toHaveProperty('reply');
    await settled(budgets, 0.2);
  });

  test('goes to a cheaper model when a budget is nearly used', async () => {
    const submit = vi.fn(async () => status);
    const models = [
      { id: 'small', tier: 'economy', price: { input: 1, output: 1 } },
      { id: 'large', tier: 'standard', price: { input: 4, output: 4 } },
    ] as const;
    const { gateway, budgets } = setUp({ provider: { ...batch(submit), models } });
    const asked = (): unknown => (submit.mock.lastCall as unknown as [BatchItem[]])[0][0]?.request.model;
    await gateway.batches.submit({ model: 'tier:standard', requests });
    expect(asked()).toBe('large');
    const spent = await budgets.reserve({ labels: {}, worstCaseUsd: 0.85 });
    await spent?.settle(0.85);
    await gateway.batches.submit({ model: 'tier:standard', requests });
    expect(asked()).toBe('small');
  });

  test('that is not taken gives its money back; one that is too dear is not handed in', async () => {
    const submit = vi.fn(() =>
      Promise.reject(new ProviderError('BAD_REQUEST', 'No.', { provider: 'scripted' })),
    );
    const { gateway, budgets } = setUp({ provider: batch(submit) });
    await failureOf(() => gateway.batches.submit({ model: 'scripted:one', requests }));
    await settled(budgets, 0);
    await budgets.set({ id: 'all', limitUsd: 0.001, period: 'day' });
    expect(await failureOf(() => gateway.batches.submit({ model: 'scripted:one', requests }))).toMatchObject({
      code: 'BUDGET_EXCEEDED',
    });
    expect(submit).toHaveBeenCalledTimes(1);
  });
});
