import { describe, expect, test } from 'vitest';
import { lease, limit, one, type WithCounters } from './counter-sample.js';

const HOUR = 3_600_000;

/** Leases are replaced by what was really used, and return when nobody settles them. */
export const describeLeases = (withCounters: WithCounters): void => {
  describe('leases', () => {
    test.each([
      ['less than', 4],
      ['as much as', 10],
      ['more than', 25],
      ['nothing of', 0],
    ])('settling %s what was reserved charges the real amount on every counter', (_, actual) =>
      withCounters(async (store) => {
        const held = lease();
        await store.reserve([limit('a', 10), limit('b', 100)], 10, held);
        expect(await store.settle(held.leaseId, actual)).toBe('settled');
        const states = await store.read(['a', 'b']);
        expect(states.map(({ used, reserved }) => [used, reserved])).toEqual([
          [actual, 0],
          [actual, 0],
        ]);
      })(),
    );

    test(
      'the first settlement counts, the last correction counts',
      withCounters(async (store) => {
        const held = lease();
        await store.reserve([limit('a', 100)], 10, held);
        expect(await store.settle(held.leaseId, 7)).toBe('settled');
        expect(await store.settle(held.leaseId, 9)).toBe('unchanged');
        expect(await store.release(held.leaseId)).toBe('unchanged');
        expect(await one(store, 'a')).toMatchObject({ used: 7 });
        expect(await store.adjust(held.leaseId, 12)).toBe('settled');
        expect(await store.adjust(held.leaseId, 3)).toBe('settled');
        expect(await store.adjust(held.leaseId, 3)).toBe('settled');
        expect(await one(store, 'a')).toMatchObject({ used: 3, reserved: 0 });
      }),
    );

    test(
      'a released lease gives everything back, and can still be corrected',
      withCounters(async (store) => {
        const held = lease();
        await store.reserve([limit('a', 10)], 10, held);
        expect(await store.release(held.leaseId)).toBe('settled');
        expect(await store.settle(held.leaseId, 5)).toBe('unchanged');
        expect(await store.reserve([limit('a', 10)], 10, lease())).toMatchObject({ granted: true });
        await store.adjust(held.leaseId, 2);
        expect(await one(store, 'a')).toMatchObject({ used: 2, reserved: 10 });
      }),
    );

    test(
      'a lease that is over returns by itself, and is charged all the same when it is settled late',
      withCounters(async (store, clock) => {
        const late = lease(1_000);
        await store.reserve([limit('a', 10)], 10, late);
        clock.advance(999);
        expect(await store.reserve([limit('a', 10)], 1, lease())).toMatchObject({ granted: false });
        clock.advance(1);
        expect(await one(store, 'a')).toMatchObject({ used: 0, reserved: 0 });
        expect(await store.reserve([limit('a', 10)], 8, lease())).toMatchObject({ granted: true });
        expect(await store.settle(late.leaseId, 6)).toBe('settled');
        expect(await one(store, 'a')).toMatchObject({ used: 6, reserved: 8 });
        expect(await store.reserve([limit('a', 10)], 0, lease())).toMatchObject({
          granted: false,
          short: [{ left: 0 }],
        });
      }),
    );

    test(
      'a lease that nobody made is unknown',
      withCounters(async (store) => {
        expect(await store.settle('nobody', 5)).toBe('unknown');
        expect(await store.release('nobody')).toBe('unknown');
        expect(await store.adjust('nobody', 5)).toBe('unknown');
      }),
    );

    test(
      'settlements of one lease at the same moment charge once',
      withCounters(async (store) => {
        const held = lease();
        await store.reserve([limit('a', 100), limit('b', 100)], 10, held);
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.settle(held.leaseId, 5)));
        expect(outcomes.filter((outcome) => outcome === 'settled')).toHaveLength(1);
        expect((await store.read(['a', 'b'])).map(({ used }) => used)).toEqual([5, 5]);
      }),
    );
  });

  describe('the end of a counter', () => {
    test(
      'is fixed when it begins; from then on it begins anew',
      withCounters(async (store, clock) => {
        const end = clock.now() + HOUR;
        await store.reserve([limit('a', 10, { windowEnd: end })], 4, lease());
        await store.reserve([limit('a', 10, { windowEnd: end + HOUR })], 6, lease());
        expect(await one(store, 'a')).toMatchObject({ reserved: 10, expiresAt: end });
        clock.advance(HOUR);
        expect(await one(store, 'a')).toEqual({ key: 'a', used: 0, reserved: 0, expiresAt: undefined });
        const next = limit('a', 10, { windowEnd: end + HOUR });
        expect(await store.reserve([next], 10, lease())).toMatchObject({ granted: true });
        expect(await one(store, 'a')).toMatchObject({ reserved: 10, expiresAt: end + HOUR });
      }),
    );

    test(
      'leaves what was reserved before it out of what comes after',
      withCounters(async (store, clock) => {
        const held = lease(10 * HOUR);
        const end = clock.now() + HOUR;
        await store.reserve([limit('day', 10, { windowEnd: end }), limit('total', 100)], 10, held);
        clock.advance(HOUR);
        await store.add('day', 1);
        expect(await store.settle(held.leaseId, 8)).toBe('settled');
        const [day, total] = await store.read(['day', 'total']);
        expect(day).toMatchObject({ used: 1, reserved: 0 });
        expect(total).toMatchObject({ used: 8, reserved: 0 });
      }),
    );

    test(
      'that has passed by the clock of the store refuses a reservation and says what the time is',
      withCounters(async (store, clock) => {
        const refused = await store.reserve(
          [limit('a', 10), limit('b', 10, { windowEnd: clock.now() })],
          1,
          lease(),
        );
        expect(refused).toMatchObject({
          granted: false,
          reason: 'window-over',
          short: [{ key: 'b' }],
          now: clock.now(),
        });
        expect(await one(store, 'a')).toMatchObject({ reserved: 0 });
      }),
    );

    test(
      'is that of the first addition, and what was added is gone with it',
      withCounters(async (store, clock) => {
        expect(await store.add('rate', 2, { ttlMs: 60_000 })).toEqual({
          key: 'rate',
          used: 2,
          reserved: 0,
          expiresAt: clock.now() + 60_000,
        });
        clock.advance(59_999);
        expect(await store.add('rate', -5, { ttlMs: 60_000 })).toMatchObject({ used: -3 });
        clock.advance(1);
        expect(await store.add('rate', 1)).toEqual({
          key: 'rate',
          used: 1,
          reserved: 0,
          expiresAt: undefined,
        });
      }),
    );

    test(
      'lets a sweep forget it without harm to others',
      withCounters(async (store, clock) => {
        for (const key of ['a', 'b', 'c']) await store.add(key, 1, { ttlMs: 1_000 });
        await store.add('kept', 1);
        clock.advance(1_000);
        expect(await store.sweep({ limit: 2 })).toBeLessThanOrEqual(2);
        await store.sweep();
        expect((await store.read(['a', 'b', 'c', 'kept'])).map(({ used }) => used)).toEqual([0, 0, 0, 1]);
      }),
    );
  });
};
