import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releaseLock, takeLock } from '../lock.js';
import type { ExpiringValue, ValueStore } from '../value-store.js';

/** A store to prove, and how to let time pass for it. */
export interface ValueStoreUnderTest {
  readonly store: ValueStore;
  /** Lets at least so many milliseconds pass by the clock of the store. */
  advance(milliseconds: number): Promise<void> | void;
}

type WithValues = (run: (subject: ValueStoreUnderTest) => Promise<void>) => () => Promise<void>;

const HOUR = 3_600_000;
const values: fc.Arbitrary<ExpiringValue> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom('', '\0', '\ufeffmark', new Uint8Array(), new Uint8Array([0xff, 0, 0x74])),
);
const keys = fc.oneof(
  fc.constantFrom('a', 'b:c', "k'; --", '{x}'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
);

const describeValues = (withValues: WithValues): void => {
  describe('values', () => {
    test(
      'come back as what they were set, text as text and bytes as bytes',
      withValues(async ({ store }) => {
        await fc.assert(
          fc.asyncProperty(keys, values, async (key, value) => {
            fc.pre(!key.includes('\0'));
            await store.set(key, value, { ttlMs: HOUR });
            expect(await store.get(key)).toEqual(value);
          }),
          { numRuns: 60 },
        );
      }),
    );

    test(
      'of a megabyte come back whole',
      withValues(async ({ store }) => {
        const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
        await store.set('large', bytes);
        expect(await store.get('large')).toEqual(bytes);
      }),
    );

    test(
      'are replaced, and are gone when they are deleted',
      withValues(async ({ store }) => {
        await store.set('a', 'one');
        await store.set('a', 'two');
        expect(await store.get('a')).toBe('two');
        expect(await store.delete('a')).toBe(true);
        expect(await store.get('a')).toBeUndefined();
        expect(await store.delete('a')).toBe(false);
      }),
    );

    test(
      'are copies, on the way in and on the way out',
      withValues(async ({ store }) => {
        const bytes = new Uint8Array([1, 2, 3]);
        await store.set('a', bytes);
        bytes[0] = 9;
        const read = (await store.get('a')) as Uint8Array;
        read[1] = 9;
        expect(await store.get('a')).toEqual(new Uint8Array([1, 2, 3]));
      }),
    );

    test(
      'end when their time is over, and not before',
      withValues(async ({ store, advance }) => {
        await store.set('short', 'x', { ttlMs: 40 });
        await store.set('long', 'x', { ttlMs: HOUR });
        await store.set('ever', 'x');
        await store.set('prolonged', 'x', { ttlMs: 40 });
        await store.set('prolonged', 'y', { ttlMs: HOUR });
        await advance(60);
        expect(await store.get('short')).toBeUndefined();
        expect(await store.delete('short')).toBe(false);
        expect(await store.get('long')).toBe('x');
        expect(await store.get('ever')).toBe('x');
        expect(await store.get('prolonged')).toBe('y');
      }),
    );

    test(
      'that have ended are swept, a bounded number at a time, and others stay',
      withValues(async ({ store, advance }) => {
        for (const key of ['a', 'b', 'c']) await store.set(key, 'x', { ttlMs: 40 });
        await store.set('kept', 'x', { ttlMs: HOUR });
        await advance(60);
        expect(await store.sweep({ limit: 2 })).toBeLessThanOrEqual(2);
        await store.sweep();
        expect(await store.get('kept')).toBe('x');
        expect(await store.get('a')).toBeUndefined();
      }),
    );
  });
};

const describeSwaps = (withValues: WithValues): void => {
  describe('compare and set', () => {
    test(
      'writes only over what is expected',
      withValues(async ({ store }) => {
        expect(await store.compareAndSet('a', 'one', 'two')).toBe(false);
        expect(await store.compareAndSet('a', undefined, 'one')).toBe(true);
        expect(await store.compareAndSet('a', undefined, 'other')).toBe(false);
        expect(await store.compareAndSet('a', new TextEncoder().encode('one'), 'other')).toBe(false);
        expect(await store.compareAndSet('a', 'one', new Uint8Array([7]))).toBe(true);
        expect(await store.get('a')).toEqual(new Uint8Array([7]));
        expect(await store.compareAndSet('a', 'one', undefined)).toBe(false);
        expect(await store.compareAndSet('a', new Uint8Array([7]), undefined)).toBe(true);
        expect(await store.get('a')).toBeUndefined();
        expect(await store.compareAndSet('a', undefined, undefined)).toBe(true);
      }),
    );

    test(
      'takes what has ended for nothing, and gives what it writes its own time',
      withValues(async ({ store, advance }) => {
        await store.set('a', 'old', { ttlMs: 40 });
        await advance(60);
        expect(await store.compareAndSet('a', 'old', 'new')).toBe(false);
        expect(await store.compareAndSet('a', undefined, undefined)).toBe(true);
        expect(await store.compareAndSet('a', undefined, 'new', { ttlMs: 40 })).toBe(true);
        await advance(60);
        expect(await store.get('a')).toBeUndefined();
        await store.set('b', 'x', { ttlMs: 2_000 });
        expect(await store.compareAndSet('b', 'x', 'x', { ttlMs: HOUR })).toBe(true);
        await advance(2_100);
        expect(await store.get('b')).toBe('x');
      }),
    );

    test(
      'lets one of many win',
      withValues(async ({ store }) => {
        const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
        const won = await Promise.all(names.map((name) => store.compareAndSet('a', undefined, name)));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(await store.get('a')).toBe(names[won.indexOf(true)]);
      }),
    );

    test(
      'counts without losing one, however many count at once',
      withValues(async ({ store }) => {
        const increment = async (): Promise<void> => {
          for (;;) {
            const before = await store.get('n');
            const next = String(Number(before ?? 0) + 1);
            if (await store.compareAndSet('n', before, next)) return;
          }
        };
        await Promise.all(Array.from({ length: 12 }, increment));
        expect(await store.get('n')).toBe('12');
      }),
    );
  });
};

const describeLocks = (withValues: WithValues): void => {
  describe('locks', () => {
    test(
      'have one holder, who can prolong and release them',
      withValues(async ({ store }) => {
        const mine = { token: 'me', ttlMs: HOUR };
        expect(await takeLock(store, 'job', mine)).toBe(true);
        expect(await takeLock(store, 'job', { token: 'you', ttlMs: HOUR })).toBe(false);
        expect(await takeLock(store, 'job', mine)).toBe(true);
        expect(await releaseLock(store, 'job', { token: 'you' })).toBe(false);
        expect(await releaseLock(store, 'job', mine)).toBe(true);
        expect(await takeLock(store, 'job', { token: 'you', ttlMs: HOUR })).toBe(true);
      }),
    );

    test(
      'are free again when their time is over, and then the old holder has nothing to release',
      withValues(async ({ store, advance }) => {
        await takeLock(store, 'job', { token: 'me', ttlMs: 40 });
        await advance(60);
        expect(await takeLock(store, 'job', { token: 'you', ttlMs: HOUR })).toBe(true);
        expect(await releaseLock(store, 'job', { token: 'me' })).toBe(false);
      }),
    );
  });
};

const describeUse = (withValues: WithValues): void => {
  describe('requests, cancel and close', () => {
    test(
      'what cannot be right is refused',
      withValues(async ({ store }) => {
        const refusal = expect.objectContaining({ code: 'BAD_REQUEST' });
        await expect(store.get('')).rejects.toEqual(refusal);
        await expect(store.get('k'.repeat(513))).rejects.toEqual(refusal);
        await expect(store.set('a', 5 as never)).rejects.toEqual(refusal);
        await expect(store.set('a', 'x', { ttlMs: 0.5 })).rejects.toEqual(refusal);
        await expect(store.compareAndSet('a\0', undefined, 'x')).rejects.toEqual(refusal);
        await expect(takeLock(store, 'a', { token: '', ttlMs: 1 })).rejects.toEqual(refusal);
      }),
    );

    test(
      'what is cancelled before it begins rejects with the reason and does nothing',
      withValues(async ({ store }) => {
        const reason = new Error('changed my mind');
        const signal = AbortSignal.abort(reason);
        await expect(store.set('a', 'x', { signal })).rejects.toBe(reason);
        await expect(store.get('a', { signal })).rejects.toBe(reason);
        expect(await store.get('a')).toBeUndefined();
      }),
    );

    test(
      'a closed store refuses everything with CLOSED and can be closed again',
      withValues(async ({ store }) => {
        await store.set('a', 'x');
        await store.close();
        await store.close();
        const closed = expect.objectContaining({ code: 'CLOSED' });
        await expect(store.get('a')).rejects.toEqual(closed);
        await expect(store.set('a', 'x')).rejects.toEqual(closed);
        await expect(store.delete('a')).rejects.toEqual(closed);
        await expect(store.compareAndSet('a', undefined, 'x')).rejects.toEqual(closed);
      }),
    );
  });
};

/**
 * Proves that a value store behaves like every other. Call it at the top level of a vitest test file;
 * `vitest` and `fast-check` are optional peers that only this needs.
 *
 * @param name the driver, for titles
 * @param factory opens a new, empty store; the suite closes it
 */
export const describeValueStore = (
  name: string,
  factory: () => ValueStoreUnderTest | Promise<ValueStoreUnderTest>,
): void => {
  const withValues: WithValues = (run) => async () => {
    const subject = await factory();
    try {
      await run(subject);
    } finally {
      await subject.store.close();
    }
  };
  describe(`${name} as a value store`, () => {
    describeValues(withValues);
    describeSwaps(withValues);
    describeLocks(withValues);
    describeUse(withValues);
  });
};
