import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failedAgain, isReportDue, retryDelay, type WriteFailure } from './write-failure.js';

const locked = { kind: 'locked', cause: 'a lock' } as const;
const diskFull = { kind: 'broken', cause: 'a full disk' } as const;

const fail = ({ kind, cause }: typeof locked | typeof diskFull, now: number, before?: WriteFailure) =>
  failedAgain(before, cause, kind, now);

describe('a write that fails again and again', () => {
  test('is tried again after pauses that grow but have a bound', () => {
    fc.assert(
      fc.property(
        fc.nat(5_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, random) => {
          const failure = { since: 0, attempts: attempts + 1, reportedAt: undefined };
          const lockDelay = retryDelay({ ...failure, ...locked }, () => random);
          const diskDelay = retryDelay({ ...failure, ...diskFull }, () => random);
          expect(lockDelay).toBeGreaterThan(0);
          expect(lockDelay).toBeLessThanOrEqual(100);
          expect(diskDelay).toBeGreaterThanOrEqual(50);
          expect(diskDelay).toBeLessThanOrEqual(5_000);
        },
      ),
    );
    const delays = [1, 2, 3, 4].map((attempts) =>
      retryDelay({ since: 0, attempts, ...diskFull, reportedAt: undefined }, () => 0.5),
    );
    expect(delays).toEqual([...delays].sort((left, right) => left - right));
    expect(new Set(delays).size).toBe(4);
  });

  test('remembers when it began', () => {
    const first = fail(locked, 100);
    expect(fail(locked, 300, fail(locked, 200, first))).toMatchObject({ since: 100, attempts: 3 });
  });

  test('is reported at once when the disk is full, and a lock only when it lasts', () => {
    const full = fail(diskFull, 1_000);
    const lock = fail(locked, 1_000);
    expect(isReportDue(full, 1_000)).toBe(true);
    expect([1_000, 5_999, 6_000].map((now) => isReportDue(lock, now))).toEqual([false, false, true]);
  });

  test('is reported once a minute at most', () => {
    const reported = { ...fail(diskFull, 0), reportedAt: 0 };
    expect([1, 59_999, 60_000].map((now) => isReportDue(reported, now))).toEqual([false, false, true]);
  });
});
