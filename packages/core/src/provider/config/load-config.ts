import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { ConfigError } from '../../model/errors/config-error.js';
import type { MillraceConfig } from './millrace-config.js';
import { parseConfig } from './parse-config.js';
import type { ConfigFormat } from './read-source.js';

/** Options of {@link loadConfig}. */
export interface LoadConfigOptions {
  readonly signal?: AbortSignal | undefined;
}

const formats: Readonly<Record<string, ConfigFormat>> = { '.yaml': 'yaml', '.yml': 'yaml', '.json': 'json' };

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist. Create it, or name another file',
  EISDIR: 'it is a folder. Name a file in it',
  EACCES: 'this process may not read it. Change its permissions',
};

const readText = async (path: string, signal: AbortSignal | undefined): Promise<string> => {
  try {
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal?.throwIfAborted();
    const code = (cause as NodeJS.ErrnoException).code ?? 'an unknown error';
    throw new ConfigError(`${path} cannot be read: ${reasons[code] ?? code}.`, { cause, file: path });
  }
};

/**
 * Reads `millrace.yaml`, `.yml` or `.json`. The paths of the ledger and the budget are made absolute, from the folder of the file.
 *
 * @throws ConfigError when the file cannot be read, or with everything that is wrong in it; see `parseConfig`.
 */
export const loadConfig = async (path: string, options: LoadConfigOptions = {}): Promise<MillraceConfig> => {
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new ConfigError(`${path} cannot be read: its name must end in .yaml, .yml or .json.`, {
      file: path,
    });
  }
  const text = await readText(path, options.signal);
  const config = parseConfig(text.replace(/^\uFEFF/, ''), { format, file: path });
  const { ledger, budget } = config;
  const absolute = (file: string): string => resolve(dirname(path), file);
  return {
    ...config,
    ...(ledger !== undefined && { ledger: { ...ledger, path: absolute(ledger.path) } }),
    ...(budget?.path !== undefined && { budget: { ...budget, path: absolute(budget.path) } }),
  };
};
