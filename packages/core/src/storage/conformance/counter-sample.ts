import type { CounterLimit, CounterState, CounterStore } from '../counter-store.js';

/** A clock that stands still until it is moved. */
export interface TestClock {
  now(): number;
  advance(milliseconds: number): void;
}

/** Runs a test on a fresh, empty store and closes it afterwards. */
export type WithCounters = (
  run: (store: CounterStore, clock: TestClock) => Promise<void>,
) => () => Promise<void>;

export const startClock = (): TestClock => {
  let time = Date.now();
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds;
    },
  };
};

let leases = 0;

/** A lease with a name of its own, for an hour unless said otherwise. */
export const lease = (leaseMs = 3_600_000): { readonly leaseId: string; readonly leaseMs: number } => {
  leases += 1;
  return { leaseId: `lease-${leases}`, leaseMs };
};

export const limit = (key: string, most: number, more: Partial<CounterLimit> = {}): CounterLimit => ({
  key,
  limit: most,
  ...more,
});

export const one = async (store: CounterStore, key: string): Promise<CounterState | undefined> =>
  (await store.read([key]))[0];
