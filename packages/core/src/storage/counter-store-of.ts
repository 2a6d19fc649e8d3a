import {
  checkAmount,
  checkDuration,
  checkKey,
  checkKeys,
  checkReservation,
  positive,
} from './check-request.js';
import type {
  AddOptions,
  CounterLimit,
  CounterState,
  CounterStore,
  LeaseOptions,
  LeaseOutcome,
  Reservation,
} from './counter-store.js';
import type { StoreLife } from './store-life.js';

/** What a driver does; requests are checked before they reach it. */
export interface CounterDriver {
  reserve(
    limits: readonly CounterLimit[],
    amount: number,
    lease: LeaseOptions,
  ): Promise<Reservation> | Reservation;
  charge(
    leaseId: string,
    amount: number,
    again: 'keep' | 'replace',
    signal: AbortSignal | undefined,
  ): Promise<LeaseOutcome> | LeaseOutcome;
  add(key: string, amount: number, options: AddOptions): Promise<CounterState> | CounterState;
  read(
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly CounterState[]> | readonly CounterState[];
  sweep(limit: number, signal: AbortSignal | undefined): Promise<number> | number;
}

/** The store over a driver: checks what is asked, and clears away what has ended now and then. */
export const counterStoreOf = (driver: CounterDriver, life: StoreLife): CounterStore => {
  const charge = async (
    leaseId: string,
    amount: number,
    again: 'keep' | 'replace',
    signal: AbortSignal | undefined,
  ): Promise<LeaseOutcome> => {
    life.begin(signal);
    checkKey(leaseId, 'A lease id');
    checkAmount('The amount', amount);
    const outcome = await driver.charge(leaseId, amount, again, signal);
    life.wrote();
    return outcome;
  };

  return {
    async reserve(limits, amount, lease) {
      life.begin(lease.signal);
      checkReservation(limits, amount, lease);
      const reservation = await driver.reserve(limits, amount, lease);
      life.wrote();
      return reservation;
    },
    settle: (leaseId, amount, options) => charge(leaseId, amount, 'keep', options?.signal),
    release: (leaseId, options) => charge(leaseId, 0, 'keep', options?.signal),
    adjust: (leaseId, amount, options) => charge(leaseId, amount, 'replace', options?.signal),
    async add(key, amount, options = {}) {
      life.begin(options.signal);
      checkKey(key);
      checkAmount('The amount', amount, Number.NEGATIVE_INFINITY);
      checkDuration('ttlMs', options.ttlMs);
      const state = await driver.add(key, amount, options);
      life.wrote();
      return state;
    },
    async read(keys, options) {
      life.begin(options?.signal);
      checkKeys(keys);
      return keys.length === 0 ? [] : driver.read(keys, options?.signal);
    },
    async sweep({ limit = 1000, signal } = {}) {
      life.begin(signal);
      return driver.sweep(positive('limit', limit), signal);
    },
    close: life.close,
    [Symbol.asyncDispose]: life.close,
  };
};
