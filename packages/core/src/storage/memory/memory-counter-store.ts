import { positive } from '../check-request.js';
import {
  type CounterTables,
  counterOperations,
  type KeptCounter,
  type KeptLease,
} from '../counter-operations.js';
import type { CounterStore } from '../counter-store.js';
import { counterStoreOf } from '../counter-store-of.js';
import { startStoreLife } from '../store-life.js';

/** Options of {@link createMemoryCounterStore}. */
export interface MemoryCounterStoreOptions {
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** How long a lease is remembered after its end or its settlement, in milliseconds. Default: 900000, 15 minutes. */
  readonly keepMs?: number | undefined;
}

interface HeldLease extends KeptLease {
  readonly forgetAt: number;
}

const memoryTables = (): CounterTables => {
  const counters = new Map<string, KeptCounter>();
  const leases = new Map<string, HeldLease>();
  const openByKey = new Map<string, Set<string>>();

  const closeLease = (leaseId: string, lease: KeptLease): void => {
    for (const { key } of lease.entries) {
      const open = openByKey.get(key);
      open?.delete(leaseId);
      if (open?.size === 0) openByKey.delete(key);
    }
  };

  return {
    counter: (key) => counters.get(key),
    putCounter: (key, counter) => void counters.set(key, counter),
    reserved(key, now) {
      let sum = 0;
      for (const leaseId of openByKey.get(key) ?? []) {
        const lease = leases.get(leaseId);
        const end = lease?.entries.find((entry) => entry.key === key)?.expiresAt;
        if (lease !== undefined && lease.endsAt > now && (end === undefined || end > now))
          sum += lease.amount;
      }
      return sum;
    },
    lease: (leaseId) => leases.get(leaseId),
    addLease(leaseId, lease, forgetAt) {
      leases.set(leaseId, { ...lease, forgetAt });
      for (const { key } of lease.entries) {
        const open = openByKey.get(key) ?? new Set();
        openByKey.set(key, open.add(leaseId));
      }
    },
    chargeLease(leaseId, charged, forgetAt) {
      const lease = leases.get(leaseId);
      if (lease === undefined) return;
      closeLease(leaseId, lease);
      leases.set(leaseId, { ...lease, charged, forgetAt });
    },
    sweep(now, limit) {
      let swept = 0;
      for (const [key, { expiresAt }] of counters) {
        if (swept >= limit) return swept;
        if (expiresAt === undefined || expiresAt > now) continue;
        counters.delete(key);
        swept += 1;
      }
      for (const [leaseId, lease] of leases) {
        if (swept >= limit) return swept;
        if (lease.forgetAt > now) continue;
        closeLease(leaseId, lease);
        leases.delete(leaseId);
        swept += 1;
      }
      return swept;
    },
  };
};

/** Keeps counters in the memory of this process, on any JavaScript runtime. They are gone when it ends. */
export const createMemoryCounterStore = (options: MemoryCounterStoreOptions = {}): CounterStore => {
  const { now = Date.now, keepMs = 900_000 } = options;
  const operations = counterOperations(memoryTables(), now, positive('keepMs', keepMs));
  const life = startStoreLife({
    name: 'The counter store',
    sweep: operations.sweep,
    release: () => undefined,
  });
  return counterStoreOf(
    {
      reserve: operations.reserve,
      charge: operations.charge,
      add: (key, amount, { ttlMs }) => operations.add(key, amount, ttlMs),
      read: operations.read,
      sweep: operations.sweep,
    },
    life,
  );
};
