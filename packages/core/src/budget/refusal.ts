import { BudgetError } from '../model/errors/budget-error.js';
import type { CounterState, LimitState, Reservation } from '../storage/counter-store.js';
import { type BudgetAccount, statusOf } from './budget-account.js';
import { describeScope } from './budget-scope.js';
import { toDollars } from './nano-dollars.js';

/** A reservation that was not granted. */
export interface RefusalOptions {
  readonly found: readonly BudgetAccount[];
  readonly reservation: Extract<Reservation, { granted: false }>;
  readonly amount: number;
  readonly now: number;
  readonly read: (keys: readonly string[]) => Promise<readonly CounterState[]>;
}

interface Refused {
  readonly account: BudgetAccount;
  readonly state: LimitState;
  /** When there will be room; undefined when that is never by itself. */
  readonly freeAt: number | undefined;
}

/** When running calls hold what is missing, it is worth another try soon. */
const HELD_RETRY_MS = 1_000;

/** The error for a reservation that was not granted: of the budget that stays closed the longest. */
export const refusal = async (options: RefusalOptions): Promise<BudgetError> => {
  const { found, reservation, amount, now } = options;
  const refused = await Promise.all(
    reservation.short.flatMap((state) => {
      const account = found.find(({ key }) => key === state.key);
      return account === undefined ? [] : [freeing(account, state, options)];
    }),
  );
  const last = refused.toSorted((a, b) => (b.freeAt ?? Infinity) - (a.freeAt ?? Infinity))[0];
  if (last === undefined) throw new Error('A reservation was refused by no limit.');
  const { account, state, freeAt } = last;
  const { limitUsd, usedUsd, reservedUsd } = statusOf(account, state);
  const retryAfterMs = freeAt === undefined ? undefined : Math.max(1, freeAt - now);
  return new BudgetError(messageOf(account, state, amount, freeAt), {
    budget: account.limit.id,
    retryAfterMs,
    limitUsd,
    usedUsd,
    reservedUsd,
    neededUsd: toDollars(amount),
  });
};

const freeing = async (
  account: BudgetAccount,
  state: LimitState,
  { amount, now, read }: RefusalOptions,
): Promise<Refused> => {
  if (amount > state.limit) return { account, state, freeAt: undefined };
  if (state.used + amount <= state.limit) return { account, state, freeAt: now + HELD_RETRY_MS };
  const { window } = account;
  if (window.earlier.length === 0) return { account, state, freeAt: window.end };
  // A rolling period: one step after the other leaves it, the oldest first.
  const states = await read(account.earlierKeys);
  let { used } = state;
  for (let index = window.earlier.length - 1; index >= 0; index--) {
    used -= states[index]?.used ?? 0;
    if (used + amount <= state.limit) return { account, state, freeAt: window.earlier[index]?.leavesAt };
  }
  return { account, state, freeAt: window.keepUntil };
};

const dollars = (nano: number): string =>
  `$${toDollars(nano).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 6, useGrouping: false })}`;

const messageOf = (
  { limit, scope }: BudgetAccount,
  { used, reserved, limit: nano }: LimitState,
  amount: number,
  freeAt: number | undefined,
): string => {
  const whom = describeScope(scope);
  const period =
    typeof limit.period === 'object' ? `in ${limit.period.rollingMs} ms` : periodWords[limit.period];
  const held = reserved > 0 ? ` and ${dollars(reserved)} held for running calls` : '';
  const what = `The budget "${limit.id}" of ${dollars(nano)} ${period}${whom === '' ? '' : ` for ${whom}`} has no room: ${dollars(used)} are used${held}, and this call may cost up to ${dollars(amount)}.`;
  const cheaper = 'set `maxOutputTokens`, ask a cheaper model, or raise the limit';
  if (amount > nano) return `${what} It is more than the whole budget: ${cheaper}.`;
  const when = freeAt === undefined ? '' : ` There will be room at ${new Date(freeAt).toISOString()};`;
  return `${what}${when} ${when === '' ? cheaper[0]?.toUpperCase() + cheaper.slice(1) : cheaper}.`;
};

const periodWords = {
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  total: 'in all',
  run: 'a run',
} as const;
