import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of its own that does what it is asked, one command after the other. */
export interface ForkedProcess<Command> extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with its exit code. */
  readonly exited: Promise<unknown>;
  /** Resolves with its answer, rejects with its error. */
  ask<Answer = unknown>(command: Command): Promise<Answer>;
  kill(): Promise<void>;
}

const answerOf = async (child: ChildProcess): Promise<unknown> => {
  const [answer] = (await once(child, 'message')) as [{ readonly result?: unknown; readonly error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
};

/** Starts a module of the sources with an argument, and waits until it says that it is ready. */
export const forkProcess = async <Command extends object>(
  module: URL,
  argument: string,
): Promise<ForkedProcess<Command>> => {
  const child = fork(module, [argument], {
    execArgv: ['--import', new URL('./source-imports.mjs', import.meta.url).href],
  });
  const exited = once(child, 'exit').then(([code]) => code as unknown);
  await answerOf(child);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    child,
    exited,
    ask<Answer>(command: Command) {
      const answer = answerOf(child);
      child.send(command);
      return answer as Promise<Answer>;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
};
