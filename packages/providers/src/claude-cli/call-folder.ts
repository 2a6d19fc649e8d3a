import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Make one. */
export const createCallFolder = async (system = ''): Promise<CallFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-claude-'));
  const remove = (): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  const workingDirectory = join(path, 'work');
  const systemFile = join(path, 'system.txt');
  try {
    await mkdir(workingDirectory);
    await writeFile(systemFile, system, { mode: 0o600 });
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, workingDirectory, systemFile, remove };
};
