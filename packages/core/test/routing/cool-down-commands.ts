import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

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
export interface CoolDownProcess extends AsyncDisposable {
  /** Resolves with its answer, rejects with its error. */
  ask<Answer = unknown>(command: CoolDownCommand): Promise<Answer>;
  kill(): Promise<void>;
}

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const [answer] = (await once(child, 'message')) as [{ readonly result?: unknown; readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
};

/** Starts a process and waits until it is ready. */
export const startCoolDownProcess = async (path: string): Promise<CoolDownProcess> => {
  const child = fork(new URL('./cool-down-process.ts', import.meta.url), [path], {
    execArgv: ['--import', new URL('../source-imports.mjs', import.meta.url).href],
  });
  const exited = once(child, 'exit');
  await answerOf(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    ask<Answer>(command: CoolDownCommand) {
      const answer = answerOf(child);
      child.send(command);
      return answer as Promise<Answer>;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
};
