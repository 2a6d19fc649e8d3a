import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Lets plain Node run the sources: no build is needed, and none can be stale. */
const SOURCES = [
  '--conditions=@millrace/source',
  // Node 22 says so of its SQLite and of running TypeScript.
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('../../packages/core/test/source-imports.mjs', import.meta.url).href,
];

/** How to run a script. */
export interface ChildOptions {
  readonly args?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Default: the repository. */
  readonly cwd?: string | undefined;
  /** Flags of Node itself. */
  readonly flags?: readonly string[] | undefined;
  /** Given on the standard input, which then ends. */
  readonly input?: string | undefined;
}

/** How a process ended. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A script that runs in a process of its own. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** The first match in its output; rejects with all of it when it ends before. */
  output(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exit: Promise<Exit>;
}

/** Nothing of this machine's own settings reaches a child, and no Ollama of it is found. */
export const CLEAN_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: root,
  OLLAMA_HOST: '127.0.0.1:1',
} as const;

/** A command line, for a shell. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What runs a script of the repository, named by its path from the root. */
export const childCommand = (
  script: string,
  { args = [], flags = [], environment }: ChildOptions = {},
): ChildCommand => ({
  file: process.execPath,
  args: [...SOURCES, ...flags, `${root}${script}`, ...args],
  environment: { ...CLEAN_ENVIRONMENT, ...environment },
});

/** Start a script of the repository, named by its path from the root. */
export const startChild = (script: string, options: ChildOptions = {}): Child => {
  const { file, args, environment } = childCommand(script, options);
  const child = spawn(file, args, { cwd: options.cwd ?? root, env: environment });
  const exited = once(child, 'close');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  const exit = exited.then((): Exit => ({ code: child.exitCode, signal: child.signalCode }));
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    exit,
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match === null) return;
          child.stdout.off('data', look);
          resolve(match);
        };
        child.stdout.on('data', look);
        exit.then(() => reject(new Error(`It ended without ${pattern}:\n${stdout}\n${stderr}`)));
        look();
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
};
