import { withinAmounts } from './check-request.js';
import type { CounterLimit, CounterState, LimitState, Reservation } from './counter-store.js';

/** Each counter that a reservation looks at, once. */
export const keysOf = (limits: readonly CounterLimit[]): readonly string[] => [
  ...new Set(limits.flatMap(({ key, including = [] }) => [key, ...including])),
];

const limitState = (
  { key, limit, including = [] }: CounterLimit,
  states: ReadonlyMap<string, CounterState>,
): LimitState => {
  const all = [...new Set([key, ...including])];
  const sum = (figure: 'used' | 'reserved'): number =>
    withinAmounts(all.reduce((total, one) => total + (states.get(one)?.[figure] ?? 0), 0));
  const used = sum('used');
  const reserved = sum('reserved');
  const left = Math.max(0, withinAmounts(limit - used - reserved));
  return { key, used, reserved, expiresAt: states.get(key)?.expiresAt, limit, left };
};

/** Whether all limits have room for an amount. */
export const hasRoom = (
  limits: readonly CounterLimit[],
  amount: number,
  states: ReadonlyMap<string, CounterState>,
): boolean =>
  limits.every((limit) => {
    const { used, reserved } = limitState(limit, states);
    return used + reserved + amount <= limit.limit;
  });

/** The answer to a reservation, from how the counters stand after it. */
export const reservationOf = (
  limits: readonly CounterLimit[],
  amount: number,
  outcome: {
    readonly result: 'granted' | 'limit' | 'window-over';
    readonly states: ReadonlyMap<string, CounterState>;
    readonly now: number;
  },
): Reservation => {
  const { result, states, now } = outcome;
  const standing = limits.map((limit) => limitState(limit, states));
  if (result === 'granted') return { granted: true, limits: standing, now };
  const short = standing.filter(({ used, reserved, limit }, index) =>
    result === 'limit' ? used + reserved + amount > limit : (limits[index]?.windowEnd ?? now + 1) <= now,
  );
  return { granted: false, reason: result, short, limits: standing, now };
};
