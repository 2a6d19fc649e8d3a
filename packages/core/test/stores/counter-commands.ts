import { type ForkedProcess, forkProcess } from '../fork-process.js';
import type { StorePlace } from './open-stores.js';

/** What a process that uses counters can be asked to do. */
export type CounterCommand =
  /** Make `calls` reservations, `atOnce` at a time; settle what is granted with what was reserved, or release it. */
  | {
      readonly do: 'spend';
      readonly calls: number;
      readonly atOnce: number;
      readonly amount: number;
      readonly limit: number;
      readonly releaseEvery: number;
    }
  /** Make reservations without end, and settle none of them. */
  | { readonly do: 'hoard'; readonly amount: number; readonly limit: number; readonly leaseMs: number }
  /** Make calls through a gateway under a budget; each costs a tenth of a dollar, and may cost three tenths. */
  | { readonly do: 'call'; readonly calls: number; readonly limitUsd: number }
  /** Add 1 to a counter of a store that may not exist yet. */
  | { readonly do: 'count' };

/** Another process that uses the same counters. */
export type CounterProcess = ForkedProcess<CounterCommand>;

/** Starts a process and waits until it is ready. */
export const startCounterProcess = (place: StorePlace): Promise<CounterProcess> =>
  forkProcess(new URL('./counter-process.ts', import.meta.url), JSON.stringify(place));
