import { pause } from '../internal/pause.js';
import type { Reservation } from '../storage/counter-store.js';

/** A reservation that may have to wait. */
export interface WaitForRoomOptions<Attempt extends { readonly reservation: Reservation }> {
  readonly attempt: () => Promise<Attempt | undefined>;
  readonly amount: number;
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
const NEVER = new AbortController().signal;

/**
 * Try again while the limits are not used up, but held for calls that are running: most of what is held for the worst
 * case comes back. With chance in the pauses, so that those who wait do not all come at once.
 */
export const waitForRoom = async <Attempt extends { readonly reservation: Reservation }>({
  attempt,
  amount,
  waitMs,
  signal = NEVER,
}: WaitForRoomOptions<Attempt>): Promise<Attempt | undefined> => {
  const until = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const result = await attempt();
    if (result === undefined || !isHeldOnly(result.reservation, amount)) return result;
    const left = until - performance.now();
    if (left <= 0) return result;
    await pause(Math.min(left, pauseMs * (0.5 + Math.random())), signal);
  }
};

/** Refused, although there would be room without what is held. */
const isHeldOnly = (reservation: Reservation, amount: number): boolean =>
  !reservation.granted &&
  reservation.reason === 'limit' &&
  reservation.short.every(({ used, limit }) => used + amount <= limit);
