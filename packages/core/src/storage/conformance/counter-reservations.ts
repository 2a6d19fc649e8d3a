import { describe, expect, test } from 'vitest';
import { lease, limit, one, type WithCounters } from './counter-sample.js';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Reservations keep every limit, on all counters or on none. */
export const describeReservations = (withCounters: WithCounters): void => {
  describe('reservations', () => {
    test(
      'what is used and what is reserved count towards the limit, to the last unit',
      withCounters(async (store) => {
        await store.add('a', 30);
        const first = await store.reserve([limit('a', 100)], 60, lease());
        expect(first).toMatchObject({ granted: true, limits: [{ used: 30, reserved: 60, left: 10 }] });
        const second = await store.reserve([limit('a', 100)], 11, lease());
        expect(second).toMatchObject({
          granted: false,
          reason: 'limit',
          short: [{ key: 'a', limit: 100, used: 30, reserved: 60, left: 10 }],
        });
        expect(await store.reserve([limit('a', 100)], 10, lease())).toMatchObject({ granted: true });
      }),
    );

    test(
      'one counter that is short leaves all of them as they were, and is named',
      withCounters(async (store) => {
        const limits = [limit('a', 100), limit('b', 5), limit('c', 4)];
        const refused = await store.reserve(limits, 6, lease());
        expect(refused).toMatchObject({
          granted: false,
          short: [
            { key: 'b', left: 5 },
            { key: 'c', left: 4 },
          ],
        });
        expect(refused.limits.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
        const states = await store.read(['a', 'b', 'c']);
        expect(states.map(({ used, reserved }) => used + reserved)).toEqual([0, 0, 0]);
      }),
    );

    test(
      'a limit of 0 allows nothing but nothing',
      withCounters(async (store) => {
        expect(await store.reserve([limit('a', 0)], 1, lease())).toMatchObject({ granted: false });
        expect(await store.reserve([limit('a', 0)], 0, lease())).toMatchObject({ granted: true });
      }),
    );

    test(
      'the largest amounts are kept to the unit',
      withCounters(async (store) => {
        const most = Number.MAX_SAFE_INTEGER;
        const big = lease();
        expect(await store.reserve([limit('a', most)], most - 1, big)).toMatchObject({
          granted: true,
          limits: [{ reserved: most - 1, left: 1 }],
        });
        expect(await store.reserve([limit('a', most)], 2, lease())).toMatchObject({ granted: false });
        await store.settle(big.leaseId, most - 2);
        expect(await one(store, 'a')).toMatchObject({ used: most - 2, reserved: 0 });
        expect(await store.add('a', most)).toMatchObject({ used: most });
      }),
    );

    test(
      'counters that are included count, and are left as they were',
      withCounters(async (store) => {
        await store.add('hour-1', 40);
        await store.reserve([limit('hour-2', 100)], 30, lease());
        const rolling = limit('hour-3', 100, { including: ['hour-1', 'hour-2', 'hour-0'] });
        expect(await store.reserve([rolling], 31, lease())).toMatchObject({
          granted: false,
          short: [{ key: 'hour-3', used: 40, reserved: 30, left: 30 }],
        });
        expect(await store.reserve([rolling], 30, lease())).toMatchObject({
          granted: true,
          limits: [{ used: 40, reserved: 60, left: 0 }],
        });
        const states = await store.read(['hour-1', 'hour-2', 'hour-3']);
        expect(states.map(({ reserved }) => reserved)).toEqual([0, 30, 30]);
      }),
    );

    test(
      'many at once are granted exactly what there is',
      withCounters(async (store) => {
        const answers = await Promise.all(
          numbers(200).map(() => store.reserve([limit('a', 500), limit('b', 10_000)], 10, lease())),
        );
        expect(answers.filter(({ granted }) => granted)).toHaveLength(50);
        const [a, b] = await store.read(['a', 'b']);
        expect([a?.reserved, b?.reserved]).toEqual([500, 500]);
      }),
    );

    test(
      'those that name the same counters in different orders do not wait for each other for ever',
      withCounters(async (store) => {
        const keys = ['a', 'b', 'c', 'd'];
        const answers = await Promise.all(
          numbers(80).map((index) => {
            const turned = [...keys.slice(index % 4), ...keys.slice(0, index % 4)];
            return store.reserve(
              turned.map((key) => limit(key, 1_000)),
              1,
              lease(),
            );
          }),
        );
        expect(answers.every(({ granted }) => granted)).toBe(true);
        expect((await store.read(keys)).map(({ reserved }) => reserved)).toEqual([80, 80, 80, 80]);
      }),
    );

    test(
      'one that is asked for again under the same name counts once',
      withCounters(async (store) => {
        const again = lease();
        await store.reserve([limit('a', 10)], 6, again);
        expect(await store.reserve([limit('a', 10)], 6, again)).toMatchObject({
          granted: true,
          limits: [{ reserved: 6, left: 4 }],
        });
      }),
    );

    test(
      'the name of a lease that is settled or over cannot be used again',
      withCounters(async (store, clock) => {
        const [settled, over] = [lease(), lease(50)];
        await store.reserve([limit('a', 10)], 1, settled);
        await store.reserve([limit('a', 10)], 1, over);
        await store.settle(settled.leaseId, 1);
        clock.advance(50);
        const conflict = expect.objectContaining({ code: 'CONFLICT' });
        await expect(store.reserve([limit('a', 10)], 1, settled)).rejects.toEqual(conflict);
        await expect(store.reserve([limit('a', 10)], 1, over)).rejects.toEqual(conflict);
      }),
    );
  });
};
