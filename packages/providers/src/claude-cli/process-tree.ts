import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process; its start tells it from a later one of the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

interface ProcessEntry extends ProcessIdentity {
  readonly parent: number;
}

const run = promisify(execFile);
/** Listing processes takes milliseconds; a machine that cannot do it in this time must not hold up a cancellation. */
const LIST_MS = 1_000;

/** Everything that a process has started and what that has started, also what has left its group. Never fails. */
export const listDescendants = async (pid: number): Promise<readonly ProcessIdentity[]> => {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of await listProcesses()) {
    const siblings = children.get(entry.parent) ?? [];
    children.set(entry.parent, [...siblings, entry]);
  }
  const found = new Map<number, ProcessEntry>();
  const visit = (parent: number): void => {
    for (const child of children.get(parent) ?? []) {
      if (found.has(child.pid)) continue;
      found.set(child.pid, child);
      visit(child.pid);
    }
  };
  visit(pid);
  return [...found.values()];
};

/** Those of them that still run. */
export const stillRunning = async (
  processes: readonly ProcessIdentity[],
): Promise<readonly ProcessIdentity[]> => {
  if (processes.length === 0) return [];
  const now = new Map((await listProcesses()).map(({ pid, start }) => [pid, start]));
  return processes.filter(({ pid, start }) => now.get(pid) === start);
};

/** Send a signal to a process, or with a negative id to a group. One that is gone is fine. */
export const sendSignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, or it is another user's by now.
  }
};

const listProcesses = async (): Promise<readonly ProcessEntry[]> => {
  try {
    return process.platform === 'linux' ? await readProc() : await askPs();
  } catch {
    return [];
  }
};

const readProc = async (): Promise<ProcessEntry[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(
    pids.map(async (pid): Promise<ProcessEntry[]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name, in brackets, may hold spaces and brackets.
      const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (parent === undefined || state === 'Z') return [];
      return [{ pid: Number(pid), parent: Number(parent), start: rest[17] ?? '' }];
    }),
  );
  return entries.flat();
};

const askPs = async (): Promise<ProcessEntry[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { timeout: LIST_MS });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, start] = /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line) ?? [];
    return start === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), start }];
  });
};
