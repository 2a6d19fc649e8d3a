import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '@millrace/core/model';

/** A folder for one run of the program, readable by nobody else. */
export interface CallFolder {
  /** For temporary files. */
  readonly path: string;
  /** Empty; where the program runs unless it is told otherwise. */
  readonly workingDirectory: string;
  /** Holds the instructions: as an argument they would have a limit, and everyone on the machine could read them. */
  readonly systemFile: string;
  remove(): Promise<void>;
}

/**
 * Make one.
 *
 * @throws MillraceError `STORAGE` when the system's temporary folder cannot be written to.
 */
export const createCallFolder = async (system = ''): Promise<CallFolder> => {
  let path: string | undefined;
  const remove = async (): Promise<void> => {
    if (path !== undefined) await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  };
  try {
    path = await mkdtemp(join(tmpdir(), 'millrace-claude-'));
    const workingDirectory = join(path, 'work');
    const systemFile = join(path, 'system.txt');
    await mkdir(workingDirectory);
    await writeFile(systemFile, system, { mode: 0o600 });
    return { path, workingDirectory, systemFile, remove };
  } catch (cause) {
    await remove();
    throw new MillraceError('STORAGE', `The temporary folder ${tmpdir()} could not be written to.`, {
      cause,
    });
  }
};
