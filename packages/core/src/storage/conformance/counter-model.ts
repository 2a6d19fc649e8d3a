import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CounterLimit, CounterStore, LeaseOutcome } from '../counter-store.js';
import type { TestClock, WithCounters } from './counter-sample.js';

const KEYS = ['a', 'b', 'c', 'd'] as const;

/** A counter from its beginning to its end. Leases point at it, so that what is charged late to one that has ended hurts nobody. */
interface Span {
  used: number;
  readonly end: number;
}

interface ModelLease {
  readonly spans: readonly Span[];
  readonly amount: number;
  readonly over: number;
  charged?: number;
}

/** The rules of counters written down a second time, as plainly as can be. */
interface Model {
  readonly spans: Map<string, Span>;
  readonly leases: Map<string, ModelLease>;
}

type Operation =
  | {
      readonly do: 'reserve';
      readonly limits: readonly {
        readonly key: string;
        readonly limit: number;
        readonly lastsMs: number | undefined;
        readonly including: readonly string[];
      }[];
      readonly amount: number;
      readonly lease: number;
      readonly leaseMs: number;
    }
  | { readonly do: 'settle' | 'release' | 'adjust'; readonly lease: number; readonly amount: number }
  | {
      readonly do: 'add';
      readonly key: string;
      readonly amount: number;
      readonly ttlMs: number | undefined;
    }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'sweep' };

const amounts = fc.nat(12);
const leaseNumbers = fc.nat(7);
const durations = fc.constantFrom(10, 100, 1_000);
const keys = fc.constantFrom(...KEYS);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      limits: fc.uniqueArray(
        fc.record({
          key: keys,
          limit: fc.nat(30),
          lastsMs: fc.option(fc.constantFrom(0, 50, 500), { nil: undefined }),
          including: fc.subarray([...KEYS], { maxLength: 2 }),
        }),
        { selector: ({ key }) => key, minLength: 1, maxLength: 3 },
      ),
      amount: amounts,
      lease: leaseNumbers,
      leaseMs: durations,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('settle' as const, 'release' as const, 'adjust' as const),
      lease: leaseNumbers,
      amount: amounts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      key: keys,
      amount: fc.integer({ min: -5, max: 10 }),
      ttlMs: fc.option(durations, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 600 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
);

const spanOf = (model: Model, key: string, now: number): Span | undefined => {
  const span = model.spans.get(key);
  return span !== undefined && span.end > now ? span : undefined;
};

const reservedOn = (model: Model, span: Span | undefined, now: number): number =>
  [...model.leases.values()]
    .filter((lease) => lease.charged === undefined && lease.over > now)
    .filter((lease) => span !== undefined && lease.spans.includes(span))
    .reduce((sum, lease) => sum + lease.amount, 0);

const taken = (model: Model, key: string, now: number): number => {
  const span = spanOf(model, key, now);
  return (span?.used ?? 0) + reservedOn(model, span, now);
};

const begin = (model: Model, key: string, end: number, now: number): Span => {
  const span = spanOf(model, key, now) ?? { used: 0, end };
  model.spans.set(key, span);
  return span;
};

/** A run of operations on a store and on the model, with names that no other run uses. */
const replay = async (
  store: CounterStore,
  clock: TestClock,
  run: string,
  steps: readonly Operation[],
): Promise<void> => {
  const model: Model = { spans: new Map(), leases: new Map() };
  const named = (key: string): string => `${run}-${key}`;
  const leaseId = (lease: number): string => `${run}-lease-${lease}`;

  const reserve = async (step: Extract<Operation, { do: 'reserve' }>): Promise<void> => {
    const now = clock.now();
    const own = step.limits.map(({ key }) => key);
    const limits = step.limits.map(({ key, limit, lastsMs, including }) => ({
      key,
      limit,
      end: lastsMs === undefined ? Number.POSITIVE_INFINITY : now + lastsMs,
      including: including.filter((other) => !own.includes(other)),
    }));
    const asked = limits.map(
      ({ key, limit, end, including }): CounterLimit => ({
        key: named(key),
        limit,
        windowEnd: Number.isFinite(end) ? end : undefined,
        including: including.map(named),
      }),
    );
    const answer = store.reserve(asked, step.amount, { leaseId: leaseId(step.lease), leaseMs: step.leaseMs });
    const known = model.leases.get(leaseId(step.lease));
    if (known !== undefined) {
      if (known.charged !== undefined || known.over <= now) {
        await expect(answer).rejects.toMatchObject({ code: 'CONFLICT' });
      } else expect(await answer).toMatchObject({ granted: true });
      return;
    }
    if (limits.some(({ end }) => end <= now)) {
      expect(await answer).toMatchObject({ granted: false, reason: 'window-over' });
      return;
    }
    const short = limits.filter(({ key, limit, including }) => {
      const sum = [key, ...including].reduce((total, one) => total + taken(model, one, now), 0);
      return sum + step.amount > limit;
    });
    if (short.length > 0) {
      const shortKeys = short.map(({ key }) => ({ key: named(key) }));
      expect(await answer).toMatchObject({ granted: false, reason: 'limit', short: shortKeys });
      return;
    }
    expect(await answer).toMatchObject({ granted: true });
    const spans = limits.map(({ key, end }) => begin(model, key, end, now));
    model.leases.set(leaseId(step.lease), { spans, amount: step.amount, over: now + step.leaseMs });
  };

  const charge = async (step: Extract<Operation, { do: 'settle' | 'release' | 'adjust' }>): Promise<void> => {
    const id = leaseId(step.lease);
    const amount = step.do === 'release' ? 0 : step.amount;
    const outcome = await (step.do === 'release' ? store.release(id) : store[step.do](id, amount));
    const lease = model.leases.get(id);
    const expected = (): LeaseOutcome => {
      if (lease === undefined) return 'unknown';
      return lease.charged !== undefined && step.do !== 'adjust' ? 'unchanged' : 'settled';
    };
    expect(outcome).toBe(expected());
    if (lease === undefined || outcome !== 'settled') return;
    for (const span of lease.spans) span.used += amount - (lease.charged ?? 0);
    lease.charged = amount;
  };

  const perform = async (step: Operation): Promise<void> => {
    switch (step.do) {
      case 'reserve':
        return reserve(step);
      case 'settle':
      case 'release':
      case 'adjust':
        return charge(step);
      case 'add': {
        const now = clock.now();
        const end = step.ttlMs === undefined ? Number.POSITIVE_INFINITY : now + step.ttlMs;
        begin(model, step.key, end, now).used += step.amount;
        await store.add(named(step.key), step.amount, { ttlMs: step.ttlMs });
        return;
      }
      case 'advance':
        clock.advance(step.ms);
        return;
      case 'sweep':
        await store.sweep();
    }
  };

  for (const step of steps) {
    await perform(step);
    const now = clock.now();
    const expected = KEYS.map((key) => {
      const span = spanOf(model, key, now);
      return {
        key: named(key),
        used: span?.used ?? 0,
        reserved: reservedOn(model, span, now),
        expiresAt: span === undefined || !Number.isFinite(span.end) ? undefined : span.end,
      };
    });
    expect(await store.read(KEYS.map(named))).toEqual(expected);
  }
};

/** Random sequences of everything a store can do agree with a plain model, after every step. */
export const describeCounterModel = (withCounters: WithCounters): void => {
  test(
    'any sequence of operations does what a plain model of counters does',
    withCounters(async (store, clock) => {
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(operations, { minLength: 5, maxLength: 40 }), (steps) => {
          runs += 1;
          return replay(store, clock, `run-${runs}`, steps);
        }),
        { numRuns: 40 },
      );
    }),
    60_000,
  );
};
