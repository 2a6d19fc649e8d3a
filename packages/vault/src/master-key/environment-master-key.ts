import type { MasterKeySource } from './master-key-source.js';
import { noMasterKey, parseSeed } from './seed-text.js';

/** Where to look. */
export interface EnvironmentMasterKeyOptions {
  /** Default: `MILLRACE_MASTER_KEY`. */
  readonly variable?: string | undefined;
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The master key in an environment variable: 32 bytes in base64. */
export const environmentMasterKey = (options: EnvironmentMasterKeyOptions = {}): MasterKeySource => {
  const { variable = 'MILLRACE_MASTER_KEY', environment } = options;
  const read = async (): Promise<Uint8Array> => {
    const text = (environment ?? process.env)[variable];
    if (text === undefined || text.trim() === '') throw noMasterKey(`the environment variable ${variable}`);
    return parseSeed(text, `The environment variable ${variable}`);
  };
  return {
    name: 'environment',
    create: async () => ({ seed: await read(), note: { variable } }),
    open: read,
  };
};
