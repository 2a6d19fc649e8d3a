import { calendarWindow } from '../time/calendar.js';
import type { BudgetPeriod } from './budget-limit.js';

/** The stretch of time that a limit counts, as counters see it. */
export interface BudgetWindow {
  /** Names the window among those of the same limit. */
  readonly name: string;
  /** In milliseconds since 1970; undefined where the period has no beginning. */
  readonly start: number | undefined;
  /** When it begins anew; undefined where it never does. For a rolling period: when its oldest step is over. */
  readonly end: number | undefined;
  /** Until when the counter is needed. */
  readonly keepUntil: number | undefined;
  /** Names of the earlier steps that count too, the newest first. */
  readonly earlier: readonly { readonly name: string; readonly leavesAt: number }[];
}

const STEPS = 24;
/** A run that is older counts from 0 again. */
const LONGEST_RUN_MS = 90 * 24 * 60 * 60 * 1000;

/** The window of a period at a time. `runId` is needed for the period `run` only. */
export const budgetWindow = (
  period: BudgetPeriod,
  at: number,
  { timeZone, runId = '' }: { readonly timeZone: string; readonly runId?: string | undefined },
): BudgetWindow => {
  if (typeof period === 'object') return rollingWindow(period.rollingMs, at);
  if (period === 'total') return endless('total', undefined);
  if (period === 'run') return endless(`run ${runId}`, at + LONGEST_RUN_MS);
  const { start, end } = calendarWindow(at, period, timeZone);
  return { name: `${period} ${start}`, start, end, keepUntil: end, earlier: [] };
};

const endless = (name: string, keepUntil: number | undefined): BudgetWindow => ({
  name,
  start: undefined,
  end: undefined,
  keepUntil,
  earlier: [],
});

const rollingWindow = (rollingMs: number, at: number): BudgetWindow => {
  const step = rollingMs / STEPS;
  const index = Math.floor(at / step);
  const name = (number: number): string => `rolling ${rollingMs} ${number}`;
  // A step counts until its last moment is older than the period.
  const leavesAt = (number: number): number => Math.ceil((number + 1 + STEPS) * step);
  return {
    name: name(index),
    start: Math.floor((index - STEPS) * step),
    end: leavesAt(index - STEPS),
    keepUntil: leavesAt(index),
    earlier: Array.from({ length: STEPS }, (_, back) => ({
      name: name(index - 1 - back),
      leavesAt: leavesAt(index - 1 - back),
    })),
  };
};
