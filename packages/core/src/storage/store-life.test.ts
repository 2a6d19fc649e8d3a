import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startStoreLife } from './store-life.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A store with so many entries that have ended. */
const storeWith = (ended: number) => {
  const sweeps: number[] = [];
  let left = ended;
  const life = startStoreLife({
    name: 'The store',
    sweep(limit) {
      const swept = Math.min(left, limit);
      left -= swept;
      sweeps.push(swept);
      return swept;
    },
    release: () => undefined,
  });
  return { life, sweeps };
};

describe('clearing away by itself', () => {
  test('happens once a minute at most, and only when something is written', async () => {
    const { life, sweeps } = storeWith(5);
    life.wrote();
    await vi.advanceTimersByTimeAsync(59_999);
    life.wrote();
    expect(sweeps).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sweeps).toEqual([]);
    life.wrote();
    life.wrote();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sweeps).toEqual([5]);
  });

  test('goes on in bounded steps until all that has ended is gone', async () => {
    const { life, sweeps } = storeWith(2_500);
    await vi.advanceTimersByTimeAsync(60_000);
    life.wrote();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sweeps).toEqual([1_000, 1_000, 500]);
  });

  test('stops when the store is closed, and what goes wrong in it harms nobody', async () => {
    const { life, sweeps } = storeWith(1_000_000);
    await vi.advanceTimersByTimeAsync(60_000);
    life.wrote();
    const closing = life.close();
    await vi.advanceTimersByTimeAsync(1_000);
    await closing;
    expect(sweeps).toEqual([1_000]);

    const release = vi.fn();
    const broken = startStoreLife({
      name: 'The store',
      sweep: () => Promise.reject(new Error('disk on fire')),
      release,
    });
    await vi.advanceTimersByTimeAsync(60_000);
    broken.wrote();
    await broken.close();
    expect(release).toHaveBeenCalledTimes(1);
  });
});
