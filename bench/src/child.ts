import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of the benchmark. */
export interface Child {
  /** What it said when it was ready. */
  readonly ready: { readonly port: number };
  /** Send it a task and wait for the result. */
  ask<Result>(task: object): Promise<Result>;
  stop(): Promise<void>;
}

const READY_MS = 60_000;
const TASK_MS = 180_000;

const message = async (child: ChildProcess, limitMs: number): Promise<unknown> => {
  const signal = AbortSignal.timeout(limitMs);
  const done = new AbortController();
  const until = { signal: AbortSignal.any([signal, done.signal]) };
  const gone = once(child, 'exit', until).then(([code]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended early with code ${code}`);
  });
  gone.catch(() => undefined);
  try {
    const [value] = await Promise.race([once(child, 'message', until), gone]);
    return value;
  } finally {
    done.abort();
  }
};

/** Every process that was started, to end them all when one fails. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Start a module of this folder as a process and wait until it is ready. */
export const startChild = async (
  module: string,
  environment: Record<string, string> = {},
): Promise<Child> => {
  const child = fork(new URL(module, import.meta.url), {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.add(child);
  const ready = (await message(child, READY_MS)) as Child['ready'];
  return {
    ready,
    async ask<Result>(task: object) {
      child.send(task);
      return (await message(child, TASK_MS)) as Result;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
