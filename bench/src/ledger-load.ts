import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, LedgerRecord } from '@millrace/core/ledger';
import { ledgerRows } from './ledger-rows.ts';
import type { Measurement } from './ratio.ts';

const RATE = 5_000;
const PAUSE_MS = 10;
/** What the event loop may be busy for, of its time. */
const BUSY_PROMISE = 0.15;

interface Load {
  /** Share of the time in which the event loop was busy. */
  readonly busy: number;
  /** What the slowest turn in a hundred was late by, in milliseconds. */
  readonly lateMs: number;
}

/** Runs `step` every 10 ms for some seconds. */
const run = async (seconds: number, step: (count: number) => void): Promise<Load> => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const began = performance.now();
  const before = performance.eventLoopUtilization();
  delay.enable();
  let done = 0;
  while (performance.now() - began < seconds * 1_000) {
    await sleep(PAUSE_MS);
    const due = Math.floor(((performance.now() - began) / 1_000) * RATE);
    step(due - done);
    done = due;
  }
  delay.disable();
  return {
    busy: performance.eventLoopUtilization(before).utilization,
    lateMs: delay.percentile(99) / 1e6,
  };
};

/** What a stream of 5,000 records a second takes from the event loop of the host, whose calls share it. */
export const measureLedgerLoad = async (ledger: Ledger, seconds: number): Promise<Measurement> => {
  const rows: LedgerRecord[] = [...ledgerRows(RATE * (seconds + 1), Date.now())].map((row, index) => ({
    ...row,
    id: `load-${index}`,
    groupId: `load-${index}`,
    startedAt: Date.now(),
  }));
  const idle = await run(1, () => undefined);
  let next = 0;
  const load = await run(seconds, (count) => {
    for (const row of rows.slice(next, next + count)) ledger.record(row);
    next += count;
  });
  await ledger.flush();
  return {
    name: 'ledger: event loop busy with 5,000 rows a second / its time',
    ratio: load.busy - idle.busy,
    bar: { kind: 'at-most', value: BUSY_PROMISE },
    detail: `1 turn in 100 late by ${load.lateMs.toFixed(1)} ms, ${idle.lateMs.toFixed(1)} ms without`,
  };
};
