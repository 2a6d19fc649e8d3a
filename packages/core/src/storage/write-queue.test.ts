import { expect, test, vi } from 'vitest';
import type { MillraceError } from '../model/errors/millrace-error.js';
import { createWriteQueue } from './write-queue.js';

/** A place far away, which takes its time and can be out of reach. */
const farAway = () => {
  const stored: number[] = [];
  const reports: MillraceError[] = [];
  const batches: number[] = [];
  let atOnce = 0;
  let reachable = true;
  const queue = createWriteQueue<number>({
    place: 'far away',
    maxPending: 10_000,
    flushTimeoutMs: 50,
    onError: (error) => reports.push(error),
    failures: { kind: () => 'broken', reason: () => 'nobody answers' },
    async write(rows) {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce -= 1;
      if (!reachable) throw new Error('out of reach');
      batches.push(rows.length);
      stored.push(...rows);
    },
  });
  const setReachable = (value: boolean): void => {
    reachable = value;
  };
  return { queue, stored, reports, batches, setReachable };
};

test('a write that takes time is waited for, and the rows behind it follow in order', async () => {
  const { queue, stored, batches } = farAway();
  const rows = Array.from({ length: 1_300 }, (_, index) => index);
  for (const row of rows) queue.add(row);
  await queue.flush();
  expect(stored).toEqual(rows);
  expect(batches).toEqual([500, 500, 300]);
});

test('rows that are added while others are written are written next', async () => {
  const { queue, stored } = farAway();
  queue.add(1);
  const first = queue.flush();
  queue.add(2);
  await first;
  expect(stored).toEqual([1]);
  await queue.flush();
  expect(stored).toEqual([1, 2]);
});

test('a write that fails later keeps its rows, is reported, and is tried again', async () => {
  const { queue, stored, reports, setReachable } = farAway();
  setReachable(false);
  queue.add(1);
  queue.add(2);
  await expect(queue.flush()).rejects.toMatchObject({
    code: 'STORAGE',
    message: 'Records cannot be written to far away: nobody answers. 2 are kept in memory and tried again.',
  });
  expect(reports).toHaveLength(1);
  setReachable(true);
  await vi.waitFor(() => expect(stored).toEqual([1, 2]));
});
