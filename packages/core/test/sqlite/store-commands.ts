import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { MigrationStep } from '../../src/storage/record-store.js';

/** What a store process can be asked to do. */
export type StoreCommand =
  | {
      readonly do: 'write' | 'write-and-exit' | 'read-write-and-end';
      readonly prefix: string;
      readonly count: number;
    }
  | { readonly do: 'count' | 'lock' | 'unlock' }
  | { readonly do: 'migrate'; readonly steps: readonly MigrationStep[] };

/** Another process that uses the same file. */
export interface StoreProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with its answer, rejects with its error. */
  ask(command: StoreCommand): Promise<unknown>;
  /** Asks for something that ends the process; resolves with its exit code. */
  end(command: StoreCommand): Promise<unknown>;
  kill(): Promise<void>;
}

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const [answer] = (await once(child, 'message')) as [{ readonly result?: unknown; readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
};

/** Starts a process and waits until it is ready. */
export const startStoreProcess = async (path: string): Promise<StoreProcess> => {
  const child = fork(new URL('./store-process.ts', import.meta.url), [path], {
    execArgv: ['--import', new URL('../source-imports.mjs', import.meta.url).href],
  });
  const exited = once(child, 'exit');
  await answerOf(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    child,
    ask(command) {
      const answer = answerOf(child);
      child.send(command);
      return answer;
    },
    async end(command) {
      child.send(command);
      const [code] = await exited;
      return code;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
};
