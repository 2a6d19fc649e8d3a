import { MillraceError } from '../model/errors/millrace-error.js';
import { withinAmounts } from './check-request.js';
import type {
  AddOptions,
  CounterLimit,
  CounterState,
  LeaseOptions,
  LeaseOutcome,
  Reservation,
} from './counter-store.js';
import { hasRoom, keysOf, reservationOf } from './reservation.js';

/** A counter as it is kept; it may have ended. */
export interface KeptCounter {
  readonly used: number;
  readonly expiresAt: number | undefined;
}

/** A lease as it is kept. */
export interface KeptLease {
  readonly amount: number;
  readonly endsAt: number;
  /** What it was settled with; undefined while it is open. */
  readonly charged: number | undefined;
  /** The counters that it holds, and when each of them ends. */
  readonly entries: readonly { readonly key: string; readonly expiresAt: number | undefined }[];
}

/** What the operations on counters need of a store that runs one at a time. */
export interface CounterTables {
  counter(key: string): KeptCounter | undefined;
  putCounter(key: string, counter: KeptCounter): void;
  /** The sum of the open leases on a counter that are not over and whose counter has not ended. */
  reserved(key: string, now: number): number;
  lease(leaseId: string): KeptLease | undefined;
  addLease(leaseId: string, lease: KeptLease, forgetAt: number): void;
  chargeLease(leaseId: string, charged: number, forgetAt: number): void;
  /** Forgets counters that have ended and leases whose time to be forgotten has come. */
  sweep(now: number, limit: number): number;
}

/** The operations of a counter store, for stores that run one at a time: in memory, or in a transaction. */
export interface CounterOperations {
  reserve(
    limits: readonly CounterLimit[],
    amount: number,
    lease: Pick<LeaseOptions, 'leaseId' | 'leaseMs'>,
  ): Reservation;
  charge(leaseId: string, amount: number, again: 'keep' | 'replace'): LeaseOutcome;
  add(key: string, amount: number, ttlMs: AddOptions['ttlMs']): CounterState;
  read(keys: readonly string[]): readonly CounterState[];
  sweep(limit: number): number;
}

/** The name of a lease was used before. */
export const usedLeaseError = (leaseId: string): MillraceError =>
  new MillraceError(
    'CONFLICT',
    `The lease "${leaseId}" is settled or over. Reserve again under a new name.`,
    { details: { leaseId } },
  );

const hasEnded = (expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now;

/** The rules of counters and leases over tables. `docs/storage.md` states them. */
export const counterOperations = (
  tables: CounterTables,
  now: () => number,
  keepMs: number,
): CounterOperations => {
  const live = (key: string, at: number): KeptCounter | undefined => {
    const counter = tables.counter(key);
    return counter === undefined || hasEnded(counter.expiresAt, at) ? undefined : counter;
  };

  const stateOf = (key: string, at: number): CounterState => {
    const counter = live(key, at);
    return {
      key,
      used: counter?.used ?? 0,
      reserved: counter === undefined ? 0 : withinAmounts(tables.reserved(key, at)),
      expiresAt: counter?.expiresAt,
    };
  };

  const statesOf = (keys: readonly string[], at: number): ReadonlyMap<string, CounterState> =>
    new Map(keys.map((key) => [key, stateOf(key, at)]));

  const isRepeated = (leaseId: string, at: number): boolean => {
    const lease = tables.lease(leaseId);
    if (lease === undefined) return false;
    if (lease.charged !== undefined || lease.endsAt <= at) throw usedLeaseError(leaseId);
    return true;
  };

  const grant = (
    limits: readonly CounterLimit[],
    amount: number,
    { leaseId, leaseMs }: Pick<LeaseOptions, 'leaseId' | 'leaseMs'>,
    at: number,
  ): void => {
    const entries = limits.map(({ key, windowEnd }) => {
      const known = live(key, at);
      const counter = known ?? { used: 0, expiresAt: windowEnd };
      if (known === undefined) tables.putCounter(key, counter);
      return { key, expiresAt: counter.expiresAt };
    });
    const endsAt = at + leaseMs;
    tables.addLease(leaseId, { amount, endsAt, charged: undefined, entries }, endsAt + keepMs);
  };

  return {
    reserve(limits, amount, lease) {
      const at = now();
      const keys = keysOf(limits);
      const answer = (result: 'granted' | 'limit' | 'window-over'): Reservation =>
        reservationOf(limits, amount, { result, states: statesOf(keys, at), now: at });
      if (isRepeated(lease.leaseId, at)) return answer('granted');
      if (limits.some(({ windowEnd }) => hasEnded(windowEnd, at))) return answer('window-over');
      if (!hasRoom(limits, amount, statesOf(keys, at))) return answer('limit');
      grant(limits, amount, lease, at);
      return answer('granted');
    },
    charge(leaseId, amount, again) {
      const at = now();
      const lease = tables.lease(leaseId);
      if (lease === undefined) return 'unknown';
      if (lease.charged !== undefined && again === 'keep') return 'unchanged';
      for (const { key, expiresAt } of lease.entries) {
        if (hasEnded(expiresAt, at)) continue;
        const used = withinAmounts((tables.counter(key)?.used ?? 0) + amount - (lease.charged ?? 0));
        tables.putCounter(key, { used, expiresAt });
      }
      tables.chargeLease(leaseId, amount, at + keepMs);
      return 'settled';
    },
    add(key, amount, ttlMs) {
      const at = now();
      const counter = live(key, at) ?? {
        used: 0,
        expiresAt: ttlMs === undefined ? undefined : at + ttlMs,
      };
      tables.putCounter(key, { ...counter, used: withinAmounts(counter.used + amount) });
      return stateOf(key, at);
    },
    read(keys) {
      const at = now();
      return keys.map((key) => stateOf(key, at));
    },
    sweep: (limit) => tables.sweep(now(), limit),
  };
};
