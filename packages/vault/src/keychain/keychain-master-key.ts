import { MillraceError } from '@millrace/core/model';
import type * as Keyring from '@napi-rs/keyring';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import { generateMasterKey, noMasterKey, parseSeed } from '../master-key/seed-text.js';

/** Under which name to keep it. */
export interface KeychainMasterKeyOptions {
  /** Default: `millrace`. */
  readonly service?: string | undefined;
  /** Default: `vault`. Every rotation makes an account of its own, which the vault's header names. */
  readonly account?: string | undefined;
}

/**
 * The master key in the keychain of the operating system: macOS Keychain, Windows Credential Manager, or a Secret
 * Service such as GNOME Keyring over D-Bus. Needs the optional package `@napi-rs/keyring`.
 */
export const keychainMasterKey = (options: KeychainMasterKeyOptions = {}): MasterKeySource => {
  const { service = 'millrace', account = 'vault' } = options;
  return {
    name: 'keychain',
    async create() {
      const { Entry } = await load();
      const name = `${account}-${crypto.randomUUID()}`;
      const text = await generateMasterKey();
      try {
        new Entry(service, name).setPassword(text);
      } catch (cause) {
        throw noKeychain(cause);
      }
      return { seed: await parseSeed(text, 'The keychain'), note: { service, account: name } };
    },
    async open(note) {
      const { Entry } = await load();
      const name = typeof note?.['account'] === 'string' ? note['account'] : account;
      const from = typeof note?.['service'] === 'string' ? note['service'] : service;
      let text: string | null;
      try {
        text = new Entry(from, name).getPassword();
      } catch (cause) {
        throw noKeychain(cause);
      }
      if (text === null) throw noMasterKey(`the keychain under ${from}/${name}`);
      return parseSeed(text, 'The keychain');
    },
  };
};

const load = async (): Promise<typeof Keyring> => {
  try {
    return await import('@napi-rs/keyring');
  } catch (cause) {
    throw new MillraceError(
      'MISSING_PACKAGE',
      'The package "@napi-rs/keyring" is needed for the keychain. Run: npm install @napi-rs/keyring',
      { cause },
    );
  }
};

const noKeychain = (cause: unknown): MillraceError =>
  new MillraceError(
    'MASTER_KEY',
    'The keychain of this machine cannot be used: on Linux it needs a D-Bus session with an unlocked Secret Service. On a server keep the master key in a file, an environment variable or a key service, or use a passphrase.',
    { cause },
  );
