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
  /** It has the mark in its environment. */
  readonly marked: boolean;
}

const run = promisify(execFile);
/** Listing processes takes milliseconds; a machine that cannot do it in this time must not hold up a cancellation. */
const LIST_MS = 1_000;

/**
 * Everything that a process has started and what that has started, also what has left its group. Never fails.
 *
 * @param mark - A text that only their environments hold. On Linux it finds also those whose parent is gone.
 */
export const listDescendants = async (pid: number, mark: string): Promise<readonly ProcessIdentity[]> => {
  const processes = await listProcesses(mark);
  const found = new Set<ProcessEntry>();
  const visit = (parent: number): void => {
    for (const one of processes) {
      if (one.parent !== parent || found.has(one)) continue;
      found.add(one);
      visit(one.pid);
    }
  };
  visit(pid);
  for (const one of processes) if (one.marked && one.pid !== pid) found.add(one);
  return [...found];
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

const listProcesses = async (mark = ''): Promise<readonly ProcessEntry[]> => {
  try {
    return process.platform === 'linux' ? await readProc(mark) : await askPs();
  } catch {
    return [];
  }
};

const readProc = async (mark: string): Promise<ProcessEntry[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(
    pids.map(async (pid): Promise<ProcessEntry[]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name, in brackets, may hold spaces and brackets.
      const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (parent === undefined || state === 'Z') return [];
      // That of another user's process cannot be read, and is none of ours.
      const environment = mark === '' ? '' : await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      const marked = mark !== '' && environment.includes(mark);
      return [{ pid: Number(pid), parent: Number(parent), start: rest[17] ?? '', marked }];
    }),
  );
  return entries.flat();
};

const askPs = async (): Promise<ProcessEntry[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { timeout: LIST_MS });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, start] = /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line) ?? [];
    return start === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), start, marked: false }];
  });
};
