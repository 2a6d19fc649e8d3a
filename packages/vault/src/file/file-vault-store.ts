import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { MillraceError } from '@millrace/core/model';
import { createTurns } from '../store/in-turn.js';
import { EMPTY_STATE, parseHeader, parseRecord, type VaultState } from '../store/vault-state.js';
import type { VaultStore } from '../store/vault-store.js';
import { readText, replaceFile } from './durable-file.js';
import { fileLock } from './file-lock.js';

/** Where to keep a vault. */
export interface FileVaultStoreOptions {
  /** The file. Beside it are `.bak`, the version before, and `.lock`. All are readable by the owner only. */
  readonly path: string;
  /** How long to wait for another process that is changing the file, in milliseconds. Default: 10,000. */
  readonly lockTimeoutMs?: number | undefined;
}

const FORMAT = 'millrace-vault';
const VERSION = 1;

/** A vault in one file: the keys sealed, the rest in the open, all under a checksum. */
export const fileVaultStore = ({ path: given, lockTimeoutMs }: FileVaultStoreOptions): VaultStore => {
  const path = resolve(given);
  const lock = fileLock({ path: `${path}.lock`, timeoutMs: lockTimeoutMs });
  const inTurn = createTurns();

  const load = async (): Promise<VaultState> => {
    const text = await readText(path);
    return text === undefined ? EMPTY_STATE : parseFile(text, path);
  };

  return {
    name: path,
    load,
    update: (change) =>
      inTurn(() =>
        lock.hold(async () => {
          const before = await load();
          const after = change(before);
          if (after === before) return before;
          // What was read just now was whole, so the backup is good.
          await replaceFile(path, writeFile(after), `${path}.bak`);
          return after;
        }),
      ),
    close: async () => undefined,
  };
};

/**
 * Put the version before in place of a vault file that is damaged. The damaged one is kept as `.damaged`.
 *
 * @throws MillraceError `TAMPERED` when the backup is damaged too or there is none; then nothing is changed.
 */
export const restoreVaultBackup = async ({
  path: given,
  lockTimeoutMs,
}: FileVaultStoreOptions): Promise<void> => {
  const path = resolve(given);
  await fileLock({ path: `${path}.lock`, timeoutMs: lockTimeoutMs }).hold(async () => {
    const backup = await readText(`${path}.bak`);
    if (backup === undefined)
      throw new MillraceError('TAMPERED', `There is no backup ${path}.bak to restore from.`);
    parseFile(backup, `${path}.bak`);
    const broken = await readText(path);
    if (broken !== undefined) await replaceFile(`${path}.damaged`, broken);
    await replaceFile(path, backup);
  });
};

const checksumOf = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64');

const writeFile = ({ header, records }: VaultState): string => {
  const content = { header, records };
  const file = { format: FORMAT, version: VERSION, checksum: checksumOf(content), ...content };
  return `${JSON.stringify(file, null, 2)}\n`;
};

const parseFile = (text: string, path: string): VaultState => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw damaged(path, 'it is not an object');
  const { format, version, checksum, header, records, ...rest } = value as Record<string, unknown>;
  if (format !== FORMAT) throw damaged(path, 'it does not say that it is a vault');
  if (typeof version === 'number' && Number.isInteger(version) && version > VERSION) {
    throw new MillraceError(
      'STORAGE',
      `${path} is of version ${version}, and this program knows up to ${VERSION}. Update it.`,
      { retryable: false },
    );
  }
  if (version !== VERSION) throw damaged(path, 'its version is not known');
  if (Object.keys(rest).length > 0 || checksum !== checksumOf({ header, records }))
    throw damaged(path, 'its checksum does not match');
  const parsed = parseHeader(header);
  if ('wrong' in parsed) throw damaged(path, `${parsed.wrong} is not valid`);
  if (!Array.isArray(records)) throw damaged(path, 'its records are no list');
  return {
    header: parsed,
    records: records.map((record: unknown) => {
      const good = parseRecord(record);
      if ('wrong' in good) throw damaged(path, `${good.wrong} is not valid`);
      return good;
    }),
  };
};

const damaged = (path: string, why: string): MillraceError =>
  new MillraceError(
    'TAMPERED',
    `The vault file ${path} is damaged or was changed by another program: ${why}. The version before is ${path}.bak; \`restoreVaultBackup\` puts it in place.`,
    { details: { path, why } },
  );
