import { describe, expect, test } from 'vitest';
import type { CounterLimit, CounterStore, LeaseOptions } from '../counter-store.js';
import { describeLeases } from './counter-leases.js';
import { describeCounterModel } from './counter-model.js';
import { describeReservations } from './counter-reservations.js';
import { lease, limit, startClock, type WithCounters } from './counter-sample.js';

const MANY = Array.from({ length: 1001 }, (_, index) => `k${index}`);

const BAD_RESERVATIONS: readonly (readonly [
  title: string,
  limits: readonly CounterLimit[],
  amount: number,
  lease: LeaseOptions,
])[] = [
  ['no limit', [], 1, lease()],
  ['an empty key', [limit('', 1)], 1, lease()],
  ['a key that is too long', [limit('k'.repeat(513), 1)], 1, lease()],
  ['a key with a NUL', [limit('a\0b', 1)], 1, lease()],
  ['a key that is no text in UTF-8', [limit('\ud800', 1)], 1, lease()],
  ['the same counter twice', [limit('a', 1), limit('a', 2)], 1, lease()],
  ['a limit with a fraction', [limit('a', 1.5)], 1, lease()],
  ['a limit below 0', [limit('a', -1)], 1, lease()],
  ['an end that is no time', [limit('a', 1, { windowEnd: Number.NaN })], 1, lease()],
  ['a counter that is included in itself', [limit('a', 1, { including: ['a'] })], 1, lease()],
  ['too many counters', [limit('a', 1, { including: MANY })], 1, lease()],
  ['an amount below 0', [limit('a', 1)], -1, lease()],
  ['an amount that is not safe', [limit('a', 1)], 2 ** 53, lease()],
  ['a lease without a name', [limit('a', 1)], 1, { leaseId: '', leaseMs: 1 }],
  ['a lease without duration', [limit('a', 1)], 1, { leaseId: 'x', leaseMs: 0 }],
];

const describeRequests = (withCounters: WithCounters): void => {
  describe('what cannot be right', () => {
    const refusal = expect.objectContaining({ code: 'BAD_REQUEST' });

    test.each(BAD_RESERVATIONS)('a reservation with %s is refused', (_, limits, amount, options) =>
      withCounters(async (store) => {
        await expect(store.reserve(limits, amount, options)).rejects.toEqual(refusal);
      })(),
    );

    test(
      'is refused elsewhere too',
      withCounters(async (store) => {
        await expect(store.settle('x', -1)).rejects.toEqual(refusal);
        await expect(store.adjust('x', 0.5)).rejects.toEqual(refusal);
        await expect(store.release('')).rejects.toEqual(refusal);
        await expect(store.add('a', Number.NaN)).rejects.toEqual(refusal);
        await expect(store.add('a', 1, { ttlMs: 0 })).rejects.toEqual(refusal);
        await expect(store.read([...MANY])).rejects.toEqual(refusal);
        await expect(store.sweep({ limit: 0 })).rejects.toEqual(refusal);
      }),
    );
  });

  describe('cancel and close', () => {
    test(
      'what is cancelled before it begins rejects with the reason and does nothing',
      withCounters(async (store) => {
        const reason = new Error('changed my mind');
        const signal = AbortSignal.abort(reason);
        await expect(store.add('a', 1, { signal })).rejects.toBe(reason);
        await expect(store.reserve([limit('a', 1)], 1, { ...lease(), signal })).rejects.toBe(reason);
        await expect(store.read(['a'], { signal })).rejects.toBe(reason);
        expect(await store.read(['a'])).toMatchObject([{ used: 0, reserved: 0 }]);
      }),
    );

    test(
      'nothing to read is nothing',
      withCounters(async (store) => {
        expect(await store.read([])).toEqual([]);
      }),
    );

    test(
      'a closed store refuses everything with CLOSED and can be closed again',
      withCounters(async (store) => {
        await store.add('a', 1);
        await store.close();
        await store.close();
        const closed = expect.objectContaining({ code: 'CLOSED' });
        await expect(store.add('a', 1)).rejects.toEqual(closed);
        await expect(store.reserve([limit('a', 1)], 1, lease())).rejects.toEqual(closed);
        await expect(store.settle('x', 1)).rejects.toEqual(closed);
        await expect(store.read(['a'])).rejects.toEqual(closed);
        await expect(store.sweep()).rejects.toEqual(closed);
      }),
    );
  });
};

/**
 * Proves that a counter store behaves like every other. Call it at the top level of a vitest test file;
 * `vitest` and `fast-check` are optional peers that only this needs.
 *
 * @param name the driver, for titles
 * @param factory opens a new, empty store that goes by the clock that it is handed; the suite closes it
 */
export const describeCounterStore = (
  name: string,
  factory: (now: () => number) => CounterStore | Promise<CounterStore>,
): void => {
  const withCounters: WithCounters = (run) => async () => {
    const clock = startClock();
    const store = await factory(clock.now);
    try {
      await run(store, clock);
    } finally {
      await store.close();
    }
  };
  describe(`${name} as a counter store`, () => {
    describeReservations(withCounters);
    describeLeases(withCounters);
    describeRequests(withCounters);
    describeCounterModel(withCounters);
  });
};
