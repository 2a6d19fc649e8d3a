import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MillraceError } from '@millrace/core/model';

/** Readable and writable by the owner only. */
const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;

const storageFailure = (what: string, cause: unknown): MillraceError =>
  new MillraceError('STORAGE', `${what}: ${reasonOf(cause)}.`, { cause });

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
};

const reasonOf = (cause: unknown): string => {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return REASONS[code] ?? `the system said ${code || 'no reason'}`;
};

/** The text of a file; `undefined` when there is none. */
export const readText = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageFailure(`${path} could not be read`, cause);
  }
};

/** Make the folder of a file, for the owner only. */
export const makeFolder = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  } catch (cause) {
    throw storageFailure(`The folder of ${path} could not be made`, cause);
  }
};

/**
 * Replace a file so that at every moment, also when the machine stops, there is the old or the new one and never a
 * part: write beside it, force it to the disk, rename, force the folder to the disk.
 *
 * @param backup - Where the version before goes, when there is one.
 */
export const replaceFile = async (path: string, text: string, backup?: string): Promise<void> => {
  const fresh = `${path}.tmp`;
  try {
    const file = await open(fresh, 'w', PRIVATE);
    try {
      await file.chmod(PRIVATE);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (backup !== undefined) await keepBackup(path, backup);
    await rename(fresh, path);
    await syncFolder(path);
  } catch (cause) {
    throw storageFailure(`${path} could not be written`, cause);
  }
};

const keepBackup = async (path: string, backup: string): Promise<void> => {
  try {
    await copyFile(path, `${backup}.tmp`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cause;
  }
  const copy = await open(`${backup}.tmp`, 'r+');
  try {
    await copy.chmod(PRIVATE);
    await copy.sync();
  } finally {
    await copy.close();
  }
  await rename(`${backup}.tmp`, backup);
};

const syncFolder = async (path: string): Promise<void> => {
  // Windows cannot open a folder; its renames are durable without.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
