import { link, open, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError } from '@millrace/core/model';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import { generateMasterKey, noMasterKey, parseSeed } from '../master-key/seed-text.js';
import { makeFolder, readText } from './durable-file.js';

/** Where the master key is kept. */
export interface FileMasterKeyOptions {
  /** Not on the same disk or in the same backup as the vault, if that can be had. */
  readonly path: string;
}

/** The bits of a mode by which others than the owner may read or write. */
const OTHERS = 0o077;

/**
 * The master key in a file of its own. `create` makes the file when there is none; a file that others may read is
 * refused. For a rotation give a file of another name.
 */
export const fileMasterKey = (options: FileMasterKeyOptions): MasterKeySource => {
  const path = resolve(options.path);
  const read = async (): Promise<Uint8Array> => {
    const text = await readText(path);
    if (text === undefined) throw noMasterKey(path);
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new MillraceError(
        'MASTER_KEY',
        `Others may read the master key file ${path}. Run: chmod 600 ${path}`,
      );
    }
    return parseSeed(text, `The file ${path}`);
  };
  return {
    name: 'file',
    async create() {
      // A file that is there already is the key that its owner wants; it is never overwritten.
      if ((await readText(path)) === undefined) await writeOnce(path, `${await generateMasterKey()}\n`);
      return { seed: await read(), note: { path } };
    },
    open: read,
  };
};

/** Make a file with its content at once: a crash leaves none or a whole one, and of many who make it one wins. */
const writeOnce = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await makeFolder(path);
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(fresh, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new MillraceError('MASTER_KEY', `The master key file ${path} could not be written.`, { cause });
  } finally {
    await rm(fresh, { force: true });
  }
};
