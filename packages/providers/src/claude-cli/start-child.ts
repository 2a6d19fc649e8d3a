import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { listDescendants, sendSignal, stillRunning } from './process-tree.js';

/** What to start. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A text that its environment holds and no other process's. */
  readonly mark: string;
  /** Milliseconds between asking it to end and ending it. */
  readonly graceMs: number;
}

/** How a process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours, in a group of its own. */
export interface Child {
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Write to its input. What it does not take any more is dropped: its end says why. */
  write(text: string): void;
  /** No more input. */
  endInput(): void;
  /** The end of what it said on standard error. */
  stderr(): string;
  /** How it ended, once its output is read. One that lingers is stopped. */
  ended(): Promise<ChildExit>;
  /**
   * End it and everything that it has started: ask, then make. Resolves within about the grace period and two
   * seconds, also when something withstands.
   */
  stop(): Promise<void>;
}

const isWindows = process.platform === 'win32';
const LONGEST_STDERR = 8 * 1024;
/** How long a process that was killed may take to vanish. */
const KILL_MS = 2_000;
/** How often is looked whether they have. */
const POLL_MS = 10;
/** How long a process may go on once its output has ended. */
const LINGER_MS = 2_000;
/** How long output may stay open after the end; something else may have inherited it. */
const DRAIN_MS = 500;

/** Ended with the host, however that ends in good order. */
const running = new Set<number>();
let watching = false;
const watchHost = (): void => {
  if (watching) return;
  watching = true;
  process.on('exit', () => {
    for (const pid of running) sendSignal(isWindows ? pid : -pid, 'SIGKILL');
  });
};

/**
 * Start a program without a shell.
 *
 * @throws the system's error, such as `ENOENT`, when it cannot be started.
 */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const { command, args, cwd, environment, mark, graceMs } = options;
  const child = spawn(command, args, {
    cwd,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches all of it and the terminal's Ctrl+C does not.
    detached: !isWindows,
    windowsHide: true,
  });
  child.stdin.on('error', () => {});
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LONGEST_STDERR);
  });
  let hasEnded = false;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      hasEnded = true;
      setTimeout(() => child.stdout.destroy(), DRAIN_MS).unref();
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.on('error', () => {});
  const pid = child.pid ?? 0;
  watchHost();
  running.add(pid);

  const end = async (): Promise<void> => {
    // A program that cannot write any more may take long over its end.
    child.stdout.resume();
    if (isWindows) await endOnWindows(child, pid, exited);
    else await endGroup({ pid, mark, graceMs, exited, hasEnded: () => hasEnded });
    child.stdout.destroy();
    child.stderr.destroy();
    running.delete(pid);
  };
  let ending: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending ??= end();
    return ending;
  };
  return {
    stdout: child.stdout.iterator({ destroyOnReturn: false }),
    write: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    stderr: () => stderr,
    async ended() {
      await atMost(LINGER_MS, exited);
      await stop();
      return hasEnded ? exited : { code: null, signal: 'SIGKILL' };
    },
    stop,
  };
};

interface Group {
  readonly pid: number;
  readonly mark: string;
  readonly graceMs: number;
  readonly exited: Promise<unknown>;
  hasEnded(): boolean;
}

const endGroup = async ({ pid, mark, graceMs, exited, hasEnded }: Group): Promise<void> => {
  // Before anything else: once their parent is gone, nothing may tell whose they are.
  const before = await listDescendants(pid, mark);
  if (!hasEnded()) {
    sendSignal(-pid, 'SIGTERM');
    for (const one of before) sendSignal(one.pid, 'SIGTERM');
    await atMost(graceMs, exited);
  }
  const after = hasEnded() ? [] : await listDescendants(pid, mark);
  sendSignal(-pid, 'SIGKILL');
  let left = await stillRunning([...before, ...after]);
  for (const one of left) sendSignal(one.pid, 'SIGKILL');
  await atMost(KILL_MS, exited);
  // A signal takes its time.
  for (let waited = 0; left.length > 0 && waited < KILL_MS; waited += POLL_MS) {
    await delay(POLL_MS);
    left = await stillRunning(left);
  }
};

const endOnWindows = async (child: ChildProcess, pid: number, exited: Promise<unknown>): Promise<void> => {
  if (child.exitCode !== null) return;
  const killer = spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  killer.on('error', () => child.kill());
  await atMost(KILL_MS, exited);
};

const atMost = async (ms: number, event: Promise<unknown>): Promise<void> => {
  const controller = new AbortController();
  const timer = delay(ms, undefined, { signal: controller.signal }).catch(() => {});
  await Promise.race([event, timer]);
  controller.abort();
};
