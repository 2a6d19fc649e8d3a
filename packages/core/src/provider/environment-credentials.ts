import type { CredentialSource } from './credential-source.js';

/** The environment variables of this process; none where the runtime has no such thing. */
type Environment = Readonly<Record<string, string | undefined>>;

const processEnvironment = (): Environment =>
  (globalThis as { process?: { env?: Environment } }).process?.env ?? {};

/**
 * Keys from environment variables, each under the name that its provider gives. Read on every call, so a variable
 * that changes is used at once.
 *
 * @param environment - Default: the process's own.
 */
export const environmentCredentials = (environment?: Environment): CredentialSource => ({
  get({ environmentVariable }) {
    if (environmentVariable === undefined) return undefined;
    const apiKey = (environment ?? processEnvironment())[environmentVariable]?.trim();
    return apiKey ? { apiKey, label: environmentVariable } : undefined;
  },
});
