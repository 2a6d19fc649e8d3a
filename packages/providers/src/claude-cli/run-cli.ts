import { existsSync } from 'node:fs';
import { createCallFolder } from './call-folder.js';
import { childEnvironment } from './child-environment.js';
import { type CliFailureContext, startFailure } from './failures.js';
import { type Child, startChild } from './start-child.js';

/** What every run of the program has in common. */
export interface CliSettings {
  readonly provider: string;
  readonly command: string;
  readonly workingDirectory: string | undefined;
  readonly baseUrl: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly graceMs: number;
}

/** One run. */
export interface CliRun {
  readonly flags: readonly string[];
  /** The instructions; without them no flag for them is passed. */
  readonly system?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
}

/** A run that is going on. */
export interface RunningCli {
  readonly child: Child;
  /** End the process and remove its folder. Must be called, whatever happens. */
  close(): Promise<void>;
}

const SECRET_NAME = /key|token|secret|password|auth|headers/i;

/** Values that must not be shown. */
export const secretsOf = ({ env }: CliSettings, apiKey: string | undefined): readonly string[] => [
  ...(apiKey === undefined ? [] : [apiKey]),
  ...Object.entries(env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : [])),
];

/** Start the program in a folder of its own. @throws MillraceError when it cannot be started. */
export const runCli = async (
  settings: CliSettings,
  { flags, system, environment, apiKey, signal }: CliRun,
): Promise<RunningCli> => {
  const { provider, command, workingDirectory, baseUrl, env, graceMs } = settings;
  const failure: CliFailureContext = { provider, command, workingDirectory, secrets: [] };
  const folder = await createCallFolder(system);
  const cwd = workingDirectory ?? folder.workingDirectory;
  let child: Child;
  try {
    signal.throwIfAborted();
    child = await startChild({
      command,
      args: system === undefined ? flags : [...flags, `--system-prompt-file=${folder.systemFile}`],
      cwd,
      environment: childEnvironment({
        host: process.env,
        temporaryFolder: folder.path,
        apiKey,
        baseUrl,
        request: environment,
        extra: env,
      }),
      // It is in `TMPDIR`.
      mark: folder.path,
      graceMs,
    });
  } catch (error) {
    const folderExists = existsSync(cwd);
    await folder.remove();
    if (signal.aborted) throw error;
    throw startFailure(error, failure, folderExists);
  }
  const stop = (): void => void child.stop();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {
    child,
    async close() {
      signal.removeEventListener('abort', stop);
      await child.stop();
      // What a process left open on another system is no reason to fail a call that went well.
      await folder.remove().catch(() => {});
    },
  };
};
