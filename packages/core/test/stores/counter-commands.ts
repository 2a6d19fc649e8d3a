import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
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
export interface CounterProcess extends AsyncDisposable {
  /** Resolves with its answer, rejects with its error. */
  ask(command: CounterCommand): Promise<unknown>;
  kill(): Promise<void>;
}

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const [answer] = (await once(child, 'message')) as [{ readonly result?: unknown; readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
};

/** Starts a process and waits until it is ready. */
export const startCounterProcess = async (place: StorePlace): Promise<CounterProcess> => {
  const child = fork(new URL('./counter-process.ts', import.meta.url), [JSON.stringify(place)], {
    execArgv: ['--import', new URL('../source-imports.mjs', import.meta.url).href],
  });
  const exited = once(child, 'exit');
  await answerOf(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    ask(command) {
      const answer = answerOf(child);
      child.send(command);
      return answer;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
};
