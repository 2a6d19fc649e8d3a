import { type ForkedProcess, forkProcess } from '../fork-process.js';

/** What a process that skips what fails can be asked to do. */
export type CoolDownCommand =
  | { readonly do: 'fail'; readonly times: number }
  /** List what is skipped. */
  | { readonly do: 'look' }
  /** Begin a trial whenever it may, hold it, and let go without an outcome. */
  | { readonly do: 'hammer'; readonly forMs: number; readonly holdMs: number }
  /** Wait for a trial and end it so. */
  | { readonly do: 'try'; readonly withinMs: number; readonly end: 'success' | 'failure' | 'never' };

/** When a trial was held. */
export interface Trial {
  readonly from: number;
  readonly to: number;
}

/** Another process that shares the cool-down. */
export type CoolDownProcess = ForkedProcess<CoolDownCommand>;

/** Starts a process and waits until it is ready. */
export const startCoolDownProcess = (path: string): Promise<CoolDownProcess> =>
  forkProcess(new URL('./cool-down-process.ts', import.meta.url), path);
