import { v4 } from 'uuid';
import { MillraceError } from '../model/errors/millrace-error.js';
import { within } from '../provider/within.js';
import type {
  CounterLimit,
  CounterStore,
  LeaseOptions,
  LimitState,
  Reservation,
} from '../storage/counter-store.js';
import { createMemoryCounterStore } from '../storage/memory/memory-counter-store.js';
import {
  accountName,
  accountsOf,
  type BudgetAccount,
  type BudgetSum,
  counterLimit,
  sumOf,
} from './budget-account.js';
import type { BudgetLabels, BudgetLimit } from './budget-limit.js';
import { createBudgetMemory, pressureOf } from './budget-memory.js';
import { type BudgetsOptions, checkBudgetsOptions } from './budget-options.js';
import { scopesOf } from './budget-scope.js';
import type { BudgetStatus } from './budget-status.js';
import type { BudgetHold, Budgets, SpendRequest } from './budgets.js';
import { createLimitList } from './limit-list.js';
import { toDollars, toNanoDollars } from './nano-dollars.js';
import { refusal } from './refusal.js';
import { waitForRoom } from './wait-for-room.js';

const LEASE_MS = 660_000;
const REFRESH_MS = 10_000;
const STORE_TIMEOUT_MS = 5_000;
const WAIT_MS = 5_000;
/** A window can end while it is asked for; more often than this it is no chance. */
const MOST_WINDOWS = 4;

/**
 * Put budgets together.
 *
 * @throws MillraceError `INVALID_CONFIG` when an option or a limit cannot be right.
 */
export const createBudgets = (options: BudgetsOptions = {}): Budgets => {
  checkBudgetsOptions(options);
  const counters: CounterStore = options.counters ?? createMemoryCounterStore();
  const timeZone = options.timeZone ?? 'UTC';
  const timeoutMs = options.storeTimeoutMs ?? STORE_TIMEOUT_MS;
  const list = createLimitList({
    limits: options.limits ?? [],
    store: options.limitStore,
    refreshMs: options.limitsRefreshMs ?? REFRESH_MS,
  });
  const memory = createBudgetMemory();
  /** How far the clock of the store is before ours: all processes count by its windows. */
  let ahead = 0;
  const now = (): number => Date.now() + ahead;

  const ask = <Value>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<Value>) =>
    within(timeoutMs, signal, run);

  const accounts = async (labels: BudgetLabels, signal?: AbortSignal): Promise<BudgetAccount[]> => {
    const loading = list.ready();
    if (loading !== undefined) await ask(signal, () => loading);
    return accountsOf(list.all(), labels, { at: now(), timeZone });
  };

  const note = (found: readonly BudgetAccount[], sums: readonly BudgetSum[]) => {
    const statuses: BudgetStatus[] = [];
    const warnings: BudgetStatus[] = [];
    for (const [index, account] of found.entries()) {
      const sum = sums[index];
      if (sum === undefined) continue;
      const { status, warning } = memory.note(account, sum);
      statuses.push(status);
      if (warning !== undefined) warnings.push(warning);
    }
    return { statuses, warnings };
  };

  const hold = (
    leaseId: string,
    nano: number,
    found: readonly BudgetAccount[],
    states: readonly LimitState[],
  ): BudgetHold => {
    const { statuses, warnings } = note(found, states);
    const hard = statuses.filter((status) => status.hard);
    let open = true;
    const ended = (charged: number): readonly BudgetStatus[] => {
      if (!open) return [];
      open = false;
      return found.flatMap((account, index) => {
        const begun = states[index];
        return (begun && memory.ended(account, { begun, held: nano, charged })) ?? [];
      });
    };
    const charge = async (charged: number): Promise<readonly BudgetStatus[]> => {
      await ask(undefined, (signal) => counters.settle(leaseId, charged, { signal }));
      return ended(charged);
    };
    return {
      leaseId,
      budgets: statuses,
      leftUsd: hard.length === 0 ? undefined : Math.min(...hard.map(({ leftUsd }) => leftUsd)),
      warnings,
      settle: (costUsd) => charge(amountOf(costUsd)),
      async release() {
        await ask(undefined, (signal) => counters.release(leaseId, { signal }));
        ended(0);
      },
    };
  };

  /** Asks the store; what it grants after the caller has given up is given back. */
  const take = async (
    limits: readonly CounterLimit[],
    nano: number,
    lease: LeaseOptions,
    signal: AbortSignal | undefined,
  ): Promise<Reservation> => {
    let asked: Promise<Reservation> | undefined;
    try {
      // Without the signal: a store that is asked to stop may have granted it already, and would not say so.
      return await ask(signal, () => (asked = counters.reserve(limits, nano, lease)));
    } catch (error) {
      asked
        ?.then(({ granted }) => (granted ? counters.release(lease.leaseId) : undefined))
        .catch(() => undefined);
      throw error;
    }
  };

  /** Try once, and again where a window has just ended. */
  const tryOnce = async (
    request: SpendRequest,
    leaseId: string,
    nano: number,
  ): Promise<Attempt | undefined> => {
    for (let windows = 1; ; windows++) {
      const found = await accounts(request.labels, request.signal);
      if (found.length === 0) return undefined;
      const limits = found.map((account) => counterLimit(account, request.force === true));
      const lease = { leaseId, leaseMs: request.leaseMs ?? LEASE_MS };
      const reservation = await take(limits, nano, lease, request.signal);
      ahead = reservation.now - Date.now();
      if (reservation.granted || reservation.reason === 'limit' || windows === MOST_WINDOWS)
        return { found, reservation };
    }
  };

  const readStatus = async (labels: BudgetLabels, signal?: AbortSignal): Promise<BudgetStatus[]> => {
    const found = await accounts(labels, signal);
    const keys = [...new Set(found.flatMap(({ key, earlierKeys }) => [key, ...earlierKeys]))];
    if (keys.length === 0) return [];
    const read = await ask(signal, (limited) => counters.read(keys, { signal: limited }));
    const states = new Map(read.map((state) => [state.key, state]));
    return note(
      found,
      found.map((account) => sumOf(account, states)),
    ).statuses;
  };

  return {
    limits: list.all,
    set: list.set,
    remove: list.remove,
    onUnknownPrice: options.onUnknownPrice ?? 'block',
    onStoreError: options.onStoreError ?? 'closed',
    concerns: (labels) => concerns(list.all(), labels, options.limitStore !== undefined),
    async reserve(request) {
      const { leaseId = v4(), worstCaseUsd, signal } = request;
      const nano = amountOf(worstCaseUsd);
      const attempt = await waitForRoom({
        attempt: () => tryOnce(request, leaseId, nano),
        amount: nano,
        waitMs: options.waitForHeldMs ?? WAIT_MS,
        signal,
      });
      if (attempt === undefined) return undefined;
      const { found, reservation } = attempt;
      if (reservation.granted) return hold(leaseId, nano, found, reservation.limits);
      note(found, reservation.limits);
      throw await refusal({
        found,
        reservation,
        amount: nano,
        now: now(),
        read: (keys) => ask(signal, (limited) => counters.read(keys, { signal: limited })),
      });
    },
    async correct(leaseId, costUsd) {
      const nano = amountOf(costUsd);
      const outcome = await ask(undefined, (signal) => counters.adjust(leaseId, nano, { signal }));
      return outcome !== 'unknown';
    },
    status: (labels = {}, { signal } = {}) => readStatus(labels, signal),
    pressure(labels, signal) {
      const known: BudgetStatus[] = [];
      for (const limit of list.all()) {
        for (const scope of scopesOf(limit, labels)) {
          const status = memory.known(accountName(limit, scope, labels));
          if (status === undefined)
            return readStatus(labels, signal).then(pressureOf, () => ({ level: 'none' }));
          known.push(status);
        }
      }
      return pressureOf(known);
    },
  };
};

/** What became of one try. */
interface Attempt {
  readonly found: readonly BudgetAccount[];
  readonly reservation: Reservation;
}

/** Before the limits of a store were read, any call may be concerned. */
const concerns = (limits: readonly BudgetLimit[], labels: BudgetLabels, mayGrow: boolean): boolean =>
  mayGrow || limits.some((limit) => scopesOf(limit, labels).length > 0);

const amountOf = (usd: number): number => {
  try {
    return toNanoDollars(usd);
  } catch (cause) {
    throw new MillraceError(
      'BAD_REQUEST',
      `An amount of US dollars must be from 0 to ${toDollars(Number.MAX_SAFE_INTEGER)}.`,
      { cause },
    );
  }
};
