import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { at, clock, hold, one, refused, spend } from '../../test/budget-spending.js';
import { failureOf } from '../../test/scripted-provider.js';
import { MillraceError } from '../model/errors/millrace-error.js';
import type { CounterStore } from '../storage/counter-store.js';
import { createMemoryCounterStore } from '../storage/memory/memory-counter-store.js';
import { createMemoryRecordStore } from '../storage/memory/memory-record-store.js';
import type { BudgetLimit } from './budget-limit.js';
import type { BudgetLimitStore } from './budget-limit-store.js';
import { type BudgetHold, type Budgets, createBudgets, recordBudgetLimits } from './index.js';

afterEach(() => vi.useRealTimers());

describe('a reservation', () => {
  test('holds the worst case, is settled with the truth, and keeps the limit to the last billionth', async () => {
    const budgets = one({});
    const first = await hold(budgets, 0.6);
    expect(first.budgets).toMatchObject([{ usedUsd: 0, reservedUsd: 0.6, leftUsd: 0.4 }]);
    expect(first.leftUsd).toBe(0.4);
    await refused(budgets, 0.400000001);
    await first.settle(0.1);
    await spend(budgets, 0.9);
    await refused(budgets, 0.000000001);
    expect(await budgets.status()).toMatchObject([{ usedUsd: 1, reservedUsd: 0, leftUsd: 0, usedShare: 1 }]);
  });

  test('that is released gives all back', async () => {
    const budgets = one({});
    await (await hold(budgets, 1)).release();
    await spend(budgets, 1);
  });

  test('counts on every budget that is for the labels, or on none', async () => {
    const budgets = createBudgets({
      waitForHeldMs: 0,
      limits: [
        { id: 'all', limitUsd: 10, period: 'month' },
        { id: 'mill', limitUsd: 1, period: 'day', only: { project: 'mill' } },
        { id: 'beta', limitUsd: 1, period: 'day', only: { tag: 'beta' } },
      ],
    });
    expect((await refused(budgets, 2, { project: 'mill' })).budget).toBe('mill');
    expect(await budgets.status({ project: 'mill' })).toMatchObject([
      { id: 'all', usedUsd: 0 },
      { id: 'mill', usedUsd: 0 },
    ]);
    await spend(budgets, 2, { project: 'other' });
    expect((await refused(budgets, 2, { tags: ['alpha', 'beta'] })).budget).toBe('beta');
  });

  test('for labels that no budget is for needs none', async () => {
    const budgets = one({ only: { user: 'ada' } });
    expect(await budgets.reserve({ labels: { user: 'bob' }, worstCaseUsd: 9 })).toBeUndefined();
    expect(budgets.concerns({ user: 'bob' })).toBe(false);
    expect(budgets.concerns({ user: 'ada' })).toBe(true);
  });

  test('that is settled with more than it held is charged in full', async () => {
    const budgets = one({});
    await (await hold(budgets, 0.5)).settle(1.5);
    expect(await budgets.status()).toMatchObject([{ usedUsd: 1.5, leftUsd: 0, usedShare: 1.5 }]);
  });

  test('waits for money that is held, and takes it when it comes back', async () => {
    const budgets = one({}, { waitForHeldMs: 10_000 });
    const first = await hold(budgets, 1);
    const second = hold(budgets, 0.9);
    await first.settle(0.05);
    expect((await second).budgets).toMatchObject([{ usedUsd: 0.05, reservedUsd: 0.9 }]);
  });

  test('does not wait when the money is spent, and can be cancelled while it waits', async () => {
    const budgets = one({}, { waitForHeldMs: 60_000 });
    const first = await hold(budgets, 0.9);
    const leaving = new AbortController();
    const waiting = budgets.reserve({ labels: {}, worstCaseUsd: 0.9, signal: leaving.signal });
    leaving.abort(new MillraceError('CANCELLED', 'Enough.'));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await first.settle(0.9);
    await refused(budgets, 0.9);
  });

  test('that a slow store grants after the caller has left is given back', async () => {
    const memory = createMemoryCounterStore();
    const steps = new EventTarget();
    const [asked, answered] = [once(steps, 'asked'), once(steps, 'answered')];
    const counters: CounterStore = {
      ...memory,
      async reserve(limits, amount, lease) {
        steps.dispatchEvent(new Event('asked'));
        await answered;
        return memory.reserve(limits, amount, { ...lease, signal: undefined });
      },
    };
    const budgets = one({}, { counters });
    const leaving = new AbortController();
    const reserving = budgets.reserve({ labels: {}, worstCaseUsd: 1, signal: leaving.signal });
    await asked;
    leaving.abort();
    await expect(reserving).rejects.toMatchObject({ code: 'CANCELLED' });
    steps.dispatchEvent(new Event('answered'));
    await new Promise(setImmediate);
    expect(await budgets.status()).toMatchObject([{ reservedUsd: 0, leftUsd: 1 }]);
  });

  test('of a process that is gone returns when its lease is over', async () => {
    let now = 1_000;
    const budgets = one({ period: 'total' }, { counters: createMemoryCounterStore({ now: () => now }) });
    await budgets.reserve({ labels: {}, worstCaseUsd: 1, leaseMs: 5_000 });
    await refused(budgets, 1);
    now += 5_001;
    await spend(budgets, 1);
  });

  test('can be corrected when the truth comes late', async () => {
    const budgets = one({});
    const held = await budgets.reserve({ labels: {}, worstCaseUsd: 0.5, leaseId: 'call-1' });
    await held?.settle(0.4);
    expect(await budgets.correct('call-1', 0.1)).toBe(true);
    expect(await budgets.status()).toMatchObject([{ usedUsd: 0.1 }]);
    expect(await budgets.correct('call-2', 0.1)).toBe(false);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12])('of $%s is no reservation', async (usd) => {
    expect(await failureOf(() => hold(one({}), usd))).toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('a period', () => {
  test('follows the calendar of its time zone, also when clocks change', async () => {
    clock('2026-10-24T21:59:00Z');
    const budgets = one({ timeZone: 'Europe/Zurich' });
    await spend(budgets, 1);
    at('2026-10-24T22:00:00Z');
    await spend(budgets, 1);
    // The day of 25 hours.
    at('2026-10-25T22:59:59Z');
    expect(await refused(budgets, 1)).toMatchObject({ retryAfterMs: 1_000 });
    at('2026-10-25T23:00:00Z');
    await spend(budgets, 1);
  });

  test.each([
    ['hour', '2026-11-21T08:59:59Z', '2026-11-21T09:00:00Z'],
    ['day', '2026-11-21T23:59:59Z', '2026-11-22T00:00:00Z'],
    ['week', '2026-11-22T23:59:59Z', '2026-11-23T00:00:00Z'],
    ['month', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'],
  ] as const)('of a %s begins anew at its end', async (period, before, after) => {
    clock(before);
    const budgets = one({ period });
    await spend(budgets, 1);
    expect((await refused(budgets, 1)).retryAfterMs).toBe(1_000);
    at(after);
    await spend(budgets, 1);
  });

  test('that never ends has no time to come back at', async () => {
    const budgets = one({ period: 'total' });
    await spend(budgets, 1);
    expect((await refused(budgets, 1)).retryAfterMs).toBeUndefined();
  });

  test('of a run is for each run by itself, and not for calls without one', async () => {
    const budgets = one({ period: 'run' });
    await spend(budgets, 1, { runId: 'a' });
    await spend(budgets, 1, { runId: 'b' });
    await refused(budgets, 1, { runId: 'a' });
    expect(await budgets.reserve({ labels: {}, worstCaseUsd: 9 })).toBeUndefined();
  });

  test('that rolls counts what was spent within it, and says when there is room', async () => {
    clock('2026-11-21T00:00:00Z');
    const day = 24 * 3_600_000;
    const budgets = one({ period: { rollingMs: day } });
    await spend(budgets, 0.5);
    at('2026-11-21T12:00:00Z');
    await spend(budgets, 0.5);
    // Half a dollar is free when the first hour is a day old.
    expect((await refused(budgets, 0.4)).retryAfterMs).toBe(13 * 3_600_000);
    expect((await refused(budgets, 0.6)).retryAfterMs).toBe(25 * 3_600_000);
    at('2026-11-22T00:59:59Z');
    await refused(budgets, 0.4);
    at('2026-11-22T01:00:00Z');
    await spend(budgets, 0.5);
    await refused(budgets, 0.1);
  });

  test('goes by the clock of the store, which all processes share', async () => {
    clock('2026-11-21T23:59:30Z');
    const budgets = one({}, { counters: createMemoryCounterStore({ now: () => Date.now() + 60_000 }) });
    await spend(budgets, 1);
    await refused(budgets, 1);
    at('2026-11-22T00:00:30Z');
    await refused(budgets, 1);
  });
});

describe('a limit for each', () => {
  const perUser = (): Budgets => one({ per: ['user'] });

  test('user is counted for each of them, and for all without a user together', async () => {
    const budgets = perUser();
    await spend(budgets, 1, { user: 'ada' });
    await spend(budgets, 1, { user: 'bob' });
    await spend(budgets, 1);
    expect((await refused(budgets, 1, { user: 'ada' })).message).toContain('user "ada"');
    await refused(budgets, 1);
  });

  test('tag counts a call for each of its tags', async () => {
    const budgets = one({ per: ['tag'] });
    await spend(budgets, 1, { tags: ['a', 'b', 'a'] });
    await refused(budgets, 1, { tags: ['b', 'c'] });
    await spend(budgets, 1, { tags: ['c'] });
  });

  test('names that are long or odd are told apart', async () => {
    const budgets = one({ per: ['user', 'project'] });
    const long = 'x'.repeat(250);
    const names = [`${long}1`, `${long}2`, '\ud800', '\0', '"', 'é'];
    for (const user of names) await spend(budgets, 1, { user, project: long });
    for (const user of names) await refused(budgets, 1, { user, project: long });
    await spend(budgets, 1, { user: long, project: 'y' });
  });
});

describe('limits that change', () => {
  test('keep what was used; a zero is a zero', async () => {
    const budgets = one({});
    await spend(budgets, 0.5);
    await budgets.set({ id: 'all', limitUsd: 0.7, period: 'day' });
    await refused(budgets, 0.3);
    await spend(budgets, 0.2);
    await budgets.set({ id: 'all', limitUsd: 0, period: 'day' });
    expect(await refused(budgets, 0.000001)).toMatchObject({ limitUsd: 0, retryAfterMs: undefined });
    expect(await budgets.remove('all')).toBe(true);
    expect(await budgets.remove('all')).toBe(false);
    expect(await budgets.reserve({ labels: {}, worstCaseUsd: 9 })).toBeUndefined();
  });

  test('are kept for other processes and later ones', async () => {
    clock('2026-11-21T10:00:00Z');
    const store = createMemoryRecordStore();
    const open = (): Budgets => one({}, { limitStore: recordBudgetLimits(store) });
    const first = open();
    const second = open();
    expect(await second.status()).toMatchObject([{ limitUsd: 1 }]);
    await first.set({ id: 'all', limitUsd: 2, period: 'day' });
    await first.set({ id: 'more', limitUsd: 3, period: 'week' });
    expect(await open().status()).toMatchObject([{ limitUsd: 2 }, { limitUsd: 3 }]);
    await first.remove('more');
    at('2026-11-21T10:00:11Z');
    await second.status();
    await vi.waitFor(() => expect(second.limits()).toEqual([{ id: 'all', limitUsd: 2, period: 'day' }]));
  });

  test('are known at once also when one is set while they are read for the first time', async () => {
    const kept = new Map<string, BudgetLimit>([['old', { id: 'old', limitUsd: 1, period: 'day' }]]);
    const read = new EventTarget();
    let reads = 0;
    const limitStore: BudgetLimitStore = {
      async load() {
        const entries = [...kept].map(([id, limit]) => ({ id, limit }));
        if (++reads === 1) await once(read, 'done');
        return entries;
      },
      save: async ({ id, limit }) => void (limit !== null && kept.set(id, limit)),
    };
    const budgets = createBudgets({ limitStore });
    const status = budgets.status();
    await budgets.set({ id: 'new', limitUsd: 2, period: 'day' });
    read.dispatchEvent(new Event('done'));
    expect((await status).map(({ id }) => id)).toEqual(['old', 'new']);
  });

  test.each<[string, object]>([
    ['`id`', { id: 'a b' }],
    ['`limitUsd`', { limitUsd: -1 }],
    ['`limitUsd`', { limitUsd: Number.NaN }],
    ['`period`', { period: 'year' }],
    ['`period`', { period: { rollingMs: 10 } }],
    ['`timeZone`', { timeZone: 'Mars/Olympus' }],
    ['`only`', { only: { team: 'x' } }],
    ['`per`', { per: ['team'] }],
    ['`warnAt`', { warnAt: 80 }],
    ['`hard`', { hard: 'yes' }],
    ['`limit`', { limit: 3 }],
  ])('cannot be wrong in %s: %j', async (name, wrong) => {
    const limit = { id: 'x', limitUsd: 1, period: 'day', ...wrong } as BudgetLimit;
    expect(() => createBudgets({ limits: [limit] })).toThrow(name);
    expect(await failureOf(() => createBudgets().set(limit))).toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('have names of their own', () => {
    const limit: BudgetLimit = { id: 'x', limitUsd: 1, period: 'day' };
    expect(() => createBudgets({ limits: [limit, limit] })).toThrow('Two budgets');
  });
});

test('whatever is reserved, settled and released, no more is used and held than the limit', async () => {
  const step = fc.record({
    amount: fc.double({ min: 0, max: 0.5, noNaN: true }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    settles: fc.option(fc.nat(10), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const budgets = one({ period: 'total' });
      const open: (BudgetHold & { readonly amount: number })[] = [];
      for (const { amount, part, settles } of steps) {
        const held = await budgets.reserve({ labels: {}, worstCaseUsd: amount }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
        });
        if (held !== undefined) open.push(Object.assign(held, { amount }));
        const [ended] = settles === undefined ? [] : open.splice(settles, 1);
        if (ended !== undefined) await (part < 0.2 ? ended.release() : ended.settle(ended.amount * part));
        const [status] = await budgets.status();
        expect((status?.usedUsd ?? 0) + (status?.reservedUsd ?? 0)).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
    { numRuns: 100 },
  );
});
