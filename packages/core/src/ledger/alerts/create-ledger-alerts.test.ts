import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sampleCall } from '../../../test/sample-call.js';
import type { Ledger } from '../ledger.js';
import type { LedgerRecord } from '../ledger-record.js';
import { memoryLedger } from '../memory-ledger.js';
import type { LedgerAlert, LedgerAlertRule } from './alert-rule.js';
import { createLedgerAlerts } from './create-ledger-alerts.js';

const HOUR = 3_600_000;
const COST: LedgerAlertRule = { kind: 'cost', name: 'spending', overMs: HOUR, above: 10 };
const ERRORS: LedgerAlertRule = {
  kind: 'error-rate',
  name: 'failing provider',
  overMs: HOUR,
  above: 0.5,
  minimumCalls: 4,
  by: ['provider'],
};

let ledger: Ledger;
let clock: number;
let calls: number;
let told: LedgerAlert[];

beforeEach(() => {
  ledger = memoryLedger();
  clock = 10 * HOUR;
  calls = 0;
  told = [];
});
afterEach(() => ledger.close());

const record = (values: Partial<LedgerRecord>, count = 1): void => {
  for (let index = 0; index < count; index += 1) {
    calls += 1;
    ledger.record(
      sampleCall(`call-${String(calls).padStart(4, '0')}`, { startedAt: clock - 1_000, ...values }),
    );
  }
};

const watch = (rules: readonly LedgerAlertRule[], more: { readonly signal?: AbortSignal } = {}) =>
  createLedgerAlerts({
    ledger,
    rules,
    onAlert: (alert) => told.push(alert),
    now: () => clock,
    everyMs: HOUR,
    ...more,
  });

describe('an alert', () => {
  test('is raised once, recovers once, and can be raised again', async () => {
    using alerts = watch([COST]);
    record({ costUsd: 10 });
    expect(await alerts.check()).toEqual([]);
    record({ costUsd: 0.5 });
    const raised = {
      type: 'alert-raised',
      rule: 'spending',
      kind: 'cost',
      group: {},
      value: 10.5,
      above: 10,
      at: clock,
    };
    expect(await alerts.check()).toEqual([raised]);
    record({ costUsd: 1 });
    expect(await alerts.check()).toEqual([raised]);
    clock += HOUR;
    expect(await alerts.check()).toEqual([]);
    record({ costUsd: 99 });
    await alerts.check();
    expect(told).toEqual([
      raised,
      { ...raised, type: 'alert-recovered', value: 0, at: clock },
      { ...raised, value: 99, at: clock },
    ]);
  });

  test('is raised for each group on its own, and not by too few calls', async () => {
    using alerts = watch([ERRORS]);
    record({ provider: 'a', status: 'error' }, 3);
    record({ provider: 'a' });
    record({ provider: 'b', status: 'interrupted' }, 3);
    record({ provider: 'c', status: 'error' }, 2);
    record({ provider: 'c' }, 2);
    record({ provider: 'd', status: 'error' }, 3);
    record({ provider: 'd', status: 'cancelled' }, 9);
    await alerts.check();
    expect(told.map(({ group, value }) => [group, value])).toEqual([[{ provider: 'a' }, 0.75]]);
  });

  test('recovers when a group has no calls any more', async () => {
    using alerts = watch([ERRORS]);
    record({ provider: 'a', status: 'error' }, 4);
    await alerts.check();
    clock += 2 * HOUR;
    await alerts.check();
    expect(told.map(({ type, value }) => [type, value])).toEqual([
      ['alert-raised', 1],
      ['alert-recovered', null],
    ]);
  });

  test('looks at percentiles, of calls that the filter chooses', async () => {
    const rule = { kind: 'latency', overMs: HOUR, above: 900, minimumCalls: 20 } as const;
    using alerts = watch([
      { ...rule, name: 'slow', filter: { model: 'm' } },
      { ...rule, name: 'median', percentile: 'p50' },
      { ...rule, name: 'first token', measure: 'timeToFirstToken' },
    ]);
    record({ model: 'm', latencyMs: 100, timeToFirstTokenMs: 10 }, 18);
    record({ model: 'm', latencyMs: 1_000, timeToFirstTokenMs: 10 }, 2);
    record({ model: 'n', latencyMs: 5_000, timeToFirstTokenMs: null }, 15);
    await alerts.check();
    expect(told.map(({ rule: name }) => name)).toEqual(['slow']);
    expect(told[0]?.value).toBeCloseTo(1_000, -2);
  });

  test('that a listener cannot take goes to onError, and the others are told', async () => {
    const onError = vi.fn();
    const failure = new Error('broken listener');
    using alerts = createLedgerAlerts({
      ledger,
      rules: [COST, { ...COST, name: 'more', above: 20 }],
      onAlert: (alert) => {
        told.push(alert);
        throw failure;
      },
      onError,
      now: () => clock,
    });
    record({ costUsd: 30 });
    expect(await alerts.check()).toHaveLength(2);
    expect(told).toHaveLength(2);
    expect(onError).toHaveBeenCalledWith(failure);
  });
});

describe('the watching', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('looks at every interval, also after a look that failed', async () => {
    const onError = vi.fn();
    const failure = new Error('no ledger today');
    const summarize = vi.spyOn(ledger, 'summarize').mockRejectedValueOnce(failure);
    const onAlert = vi.fn();
    using _ = createLedgerAlerts({
      ledger,
      rules: [COST],
      onAlert,
      onError,
      now: () => clock,
      everyMs: 5_000,
    });
    record({ costUsd: 30 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure);
    expect(onAlert).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(onAlert).toHaveBeenCalledOnce();
    expect(summarize).toHaveBeenCalledTimes(3);
  });

  test.each(['close', 'signal'] as const)('ends by %s and leaves no timer behind', async (how) => {
    const controller = new AbortController();
    const alerts = watch([COST], { signal: controller.signal });
    expect(vi.getTimerCount()).toBe(1);
    if (how === 'close') alerts.close();
    else controller.abort();
    expect(vi.getTimerCount()).toBe(0);
    await expect(alerts.check()).rejects.toMatchObject({ code: 'CLOSED' });
    record({ costUsd: 30 });
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(told).toEqual([]);
  });
});

test('the watching does not keep the process alive', () => {
  const started = vi.spyOn(globalThis, 'setTimeout');
  const alerts = watch([COST]);
  const timer = started.mock.results.at(-1)?.value as NodeJS.Timeout;
  started.mockRestore();
  expect(timer.hasRef()).toBe(false);
  alerts.close();
});

test('closing gives up a look that is under way', async () => {
  const alerts = watch([COST]);
  record({ costUsd: 30 });
  const looking = alerts.check();
  await Promise.resolve();
  alerts.close();
  await expect(looking).rejects.toMatchObject({ code: 'CLOSED' });
  expect(told).toEqual([]);
});

test.each<[string, Partial<LedgerAlertRule> & object]>([
  ['of another kind', { kind: 'mood' as 'cost' }],
  ['without a period', { overMs: 0 }],
  ['without a limit', { above: Number.NaN }],
  ['with a name that is taken', {}],
])('a rule %s is refused', (_, part) => {
  const rules = [COST, { ...COST, name: Object.keys(part).length === 0 ? 'spending' : 'other', ...part }];
  expect(() => watch(rules as LedgerAlertRule[])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
