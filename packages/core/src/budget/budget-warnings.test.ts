import { afterEach, describe, expect, test, vi } from 'vitest';
import { at, clock, hold, one, spend } from '../../test/budget-spending.js';
import { createMemoryCounterStore } from '../storage/memory/memory-counter-store.js';

afterEach(() => vi.useRealTimers());

describe('warnings', () => {
  test('come once a window, with the call that reaches the share', async () => {
    clock('2026-11-21T10:00:00Z');
    const budgets = one({ warnAt: 0.5 });
    expect(await (await hold(budgets, 0.4)).settle(0.4)).toEqual([]);
    expect(await (await hold(budgets, 0.1)).settle(0.1)).toMatchObject([{ id: 'all', usedShare: 0.5 }]);
    const third = await hold(budgets, 0.1);
    expect(third.warnings).toEqual([]);
    expect(await third.settle(0.1)).toEqual([]);
    at('2026-11-22T10:00:00Z');
    expect(await (await hold(budgets, 0.6)).settle(0.6)).toHaveLength(1);
  });

  test('come once also when calls that began before end after', async () => {
    const budgets = one({});
    const [early, late] = [await hold(budgets, 0.05), await hold(budgets, 0.05)];
    expect(await (await hold(budgets, 0.85)).settle(0.85)).toHaveLength(1);
    expect(await early.settle(0.01)).toEqual([]);
    await late.release();
    expect(budgets.pressure({})).toMatchObject({ level: 'soft', budget: { usedUsd: 0.85 } });
    const next = await hold(budgets, 0.05);
    expect(next.warnings).toEqual([]);
    expect(await next.settle(0.05)).toEqual([]);
  });

  test('come again for a limit that was changed', async () => {
    const budgets = one({});
    expect(await (await hold(budgets, 0.9)).settle(0.9)).toHaveLength(1);
    await budgets.set({ id: 'all', limitUsd: 1.1, period: 'day' });
    expect((await hold(budgets, 0.1)).warnings).toHaveLength(1);
  });

  test('are all that a soft budget does', async () => {
    const budgets = one({ hard: false });
    const first = await hold(budgets, 5);
    expect(first.leftUsd).toBeUndefined();
    expect(await first.settle(5)).toMatchObject([{ id: 'all', usedShare: 5, hard: false }]);
    await spend(budgets, 5);
    expect(await budgets.pressure({})).toMatchObject({ level: 'soft' });
  });

  test('tell routing how near a limit is: from memory where it is known', async () => {
    const counters = createMemoryCounterStore();
    const budgets = one({}, { counters });
    expect(await budgets.pressure({})).toMatchObject({ level: 'none' });
    await spend(budgets, 0.8);
    expect(budgets.pressure({})).toMatchObject({ level: 'soft', budget: { id: 'all', usedUsd: 0.8 } });
    await spend(budgets, 0.2);
    expect(budgets.pressure({})).toMatchObject({ level: 'hard' });
    expect(await one({}, { counters }).pressure({})).toMatchObject({ level: 'hard' });
    expect(one({ only: { user: 'ada' } }).pressure({})).toEqual({ level: 'none' });
  });
});

test('what is left for routing is without the money of calls that have ended', async () => {
  const budgets = one({});
  const holds = await Promise.all([hold(budgets, 0.4), hold(budgets, 0.3), hold(budgets, 0.2)]);
  expect((await budgets.pressure({})).leftUsd).toBeCloseTo(0.1, 9);
  await holds[2].release();
  await holds[0].settle(0.01);
  expect((await budgets.pressure({})).leftUsd).toBeCloseTo(0.69, 9);
  await holds[1].settle(0.01);
  await holds[1].settle(0.01);
  expect((await budgets.pressure({})).leftUsd).toBeGreaterThan(0.97);
});
