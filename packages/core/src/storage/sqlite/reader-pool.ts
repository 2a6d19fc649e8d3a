import { MillraceError } from '../../model/errors/millrace-error.js';
import { storageError } from '../storage-error.js';
import type { ReadRequest, ReadResult } from './read-request.js';
import type { Reader } from './reader.js';
import { sqliteError } from './sqlite-failure.js';

/** What a pool of readers needs. */
export interface ReaderPoolOptions {
  readonly path: string;
  /** How many statements may run at the same time, each in a thread of its own. */
  readonly maxReaders: number;
  readonly timeoutMs: number;
}

/** Runs statements in threads, so that a long one delays neither the event loop nor a short one. */
export interface ReaderPool {
  /**
   * @throws the signal's reason when it is aborted.
   * @throws MillraceError `STORAGE` when the statement fails or takes longer than the limit, `CLOSED` after closing.
   */
  read(request: ReadRequest, signal?: AbortSignal): Promise<ReadResult>;
  close(): void;
}

interface Job {
  readonly request: ReadRequest;
  slot: Slot | undefined;
  resolve(result: ReadResult): void;
  reject(error: unknown): void;
}

interface Slot {
  readonly reader: Reader;
  state: 'idle' | 'busy' | 'stopped';
}

/** Threads are started when they are first needed. */
export const createReaderPool = ({ path, maxReaders, timeoutMs }: ReaderPoolOptions): ReaderPool => {
  const slots = new Set<Slot>();
  const jobs = new Set<Job>();
  const queue: Job[] = [];
  let closed = false;

  const closedError = () => new MillraceError('CLOSED', `The SQLite store ${path} was closed.`);

  const stopSlot = (slot: Slot): void => {
    slot.state = 'stopped';
    slot.reader.stop();
  };

  const startSlot = (startReader: (path: string) => Reader): Slot | undefined => {
    const active = [...slots].filter((slot) => slot.state !== 'stopped').length;
    // A stopped thread lives on until SQLite is done with its statement; there may not be any number of those.
    if (active >= maxReaders || slots.size >= 2 * maxReaders) return undefined;
    const slot: Slot = { reader: startReader(path), state: 'idle' };
    slots.add(slot);
    void slot.reader.gone.then(() => {
      slot.state = 'stopped';
      slots.delete(slot);
      void dispatch();
    });
    return slot;
  };

  const run = async (job: Job, slot: Slot): Promise<void> => {
    job.slot = slot;
    slot.state = 'busy';
    try {
      job.resolve(await slot.reader.read(job.request));
    } catch (error) {
      job.reject(error);
    }
    if (slot.state === 'busy') slot.state = slot.reader.alive ? 'idle' : 'stopped';
    void dispatch();
  };

  const assign = async (): Promise<void> => {
    // Loaded when first needed, and an entry of the build of its own: see there.
    const { startReader } = await import('./reader.js');
    while (queue.length > 0) {
      const slot = [...slots].find(({ state }) => state === 'idle') ?? startSlot(startReader);
      if (slot === undefined) return;
      const job = queue.shift();
      if (job !== undefined) void run(job, slot);
    }
  };

  const dispatch = async (): Promise<void> => {
    if (queue.length === 0) return;
    try {
      await assign();
    } catch (error) {
      const failure = sqliteError(`No thread can be started to read ${path}`, error);
      for (const job of queue.splice(0)) job.reject(failure);
    }
  };

  const giveUp = (job: Job, error: unknown): void => {
    const place = queue.indexOf(job);
    if (place >= 0) queue.splice(place, 1);
    job.reject(error);
    if (job.slot !== undefined) stopSlot(job.slot);
    void dispatch();
  };

  return {
    read(request, signal) {
      return new Promise((resolve, reject) => {
        if (closed) throw closedError();
        signal?.throwIfAborted();
        const settle = (finish: () => void): void => {
          clearTimeout(limit);
          signal?.removeEventListener('abort', onAbort);
          jobs.delete(job);
          finish();
        };
        const job: Job = {
          request,
          slot: undefined,
          resolve: (result) => settle(() => resolve(result)),
          reject: (error) => settle(() => reject(error)),
        };
        const onAbort = (): void => giveUp(job, signal?.reason);
        const tooLong = () =>
          storageError(`A query of ${path} took longer than ${timeoutMs} ms and was given up.`);
        const limit = setTimeout(() => giveUp(job, tooLong()), timeoutMs);
        signal?.addEventListener('abort', onAbort, { once: true });
        jobs.add(job);
        queue.push(job);
        void dispatch();
      });
    },
    close() {
      closed = true;
      queue.length = 0;
      for (const job of jobs) job.reject(closedError());
      for (const slot of slots) if (slot.state !== 'stopped') stopSlot(slot);
    },
  };
};
