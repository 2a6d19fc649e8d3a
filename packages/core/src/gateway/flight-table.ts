import { isReusable } from '../cache/cache-entry.js';
import type { Flight } from './flight.js';

/** The calls that others may join, by what they ask. */
export interface FlightTable {
  /**
   * One that is under way, or that began within the window, at most `maxAgeMs` milliseconds ago, and came to an answer
   * that may be given again.
   */
  find(key: string, maxAgeMs?: number | undefined): Flight | undefined;
  /** In place of an earlier one. */
  add(key: string, flight: Flight): void;
  /** Nobody may join it any more. */
  remove(key: string, flight: Flight): void;
  /** True for the first who asks: the answer is kept once, however many share it. */
  claim(flight: Flight): boolean;
}

/** Finished calls that are remembered for their window; the oldest go first. */
const MOST_FLIGHTS = 10_000;

/** A table of calls. Those that ended are forgotten when the window of time since their beginning is over. */
export const createFlightTable = (windowMs: number): FlightTable => {
  const flights = new Map<string, { readonly flight: Flight; readonly begun: number }>();
  const claimed = new WeakSet<Flight>();

  const sweep = (now: number): void => {
    // In order of their beginning: the first that is young enough ends the search.
    for (const [key, { flight, begun }] of flights) {
      if (now - begun < windowMs && flights.size <= MOST_FLIGHTS) return;
      if (flight.state() !== 'flying') flights.delete(key);
      else if (now - begun < windowMs) return;
    }
  };

  return {
    find(key, maxAgeMs = windowMs) {
      const now = performance.now();
      const found = flights.get(key);
      if (found === undefined) return undefined;
      const { flight, begun } = found;
      if (flight.state() === 'flying') return flight;
      if (flight.state() === 'landed' && now - begun < windowMs && isReusable(flight.events))
        return now - begun < maxAgeMs ? flight : undefined;
      flights.delete(key);
      return undefined;
    },
    add(key, flight) {
      const begun = performance.now();
      sweep(begun);
      flights.delete(key);
      flights.set(key, { flight, begun });
    },
    remove(key, flight) {
      if (flights.get(key)?.flight === flight) flights.delete(key);
    },
    claim(flight) {
      if (claimed.has(flight)) return false;
      claimed.add(flight);
      return true;
    },
  };
};
