import { MillraceError } from '@millrace/core/model';
import { deriveKey, type KdfStrength, parseKdf, STRONG_KDF } from '../sealing/derive-key.js';
import { SEED_BYTES } from '../sealing/key-pair.js';
import { disposing } from '../secret/disposing.js';
import type { Secret } from '../secret/secret.js';
import type { MasterKeySource } from './master-key-source.js';

/** Whom to ask. */
export interface PassphraseMasterKeyOptions {
  /** Gives the passphrase; asked once each time the vault is opened. The vault disposes of it. */
  readonly passphrase: () => Promise<Secret> | Secret;
  /** Cost of deriving a new key. Default: 3 passes over 256 MiB. Kept in the header, so that it may grow later. */
  readonly strength?: KdfStrength | undefined;
}

const SHORTEST = 8;

/** The master key is derived from a passphrase by Argon2id; its parameters and salt are kept in the vault's header. */
export const passphraseMasterKey = ({
  passphrase,
  strength = STRONG_KDF,
}: PassphraseMasterKeyOptions): MasterKeySource => ({
  name: 'passphrase',
  create: async () =>
    disposing(await passphrase(), async (secret) => {
      if (secret.use((bytes) => bytes.length) < SHORTEST) {
        throw new MillraceError('MASTER_KEY', `A passphrase has at least ${SHORTEST} characters.`);
      }
      const { key, kdf } = await deriveKey(secret, SEED_BYTES, strength);
      return { seed: key, note: { ...kdf } };
    }),
  async open(note) {
    const kdf = parseKdf(note);
    if (kdf === undefined) {
      throw new MillraceError(
        'MASTER_KEY',
        "The vault's master key was not made from a passphrase, or its header is damaged.",
      );
    }
    const { key } = await disposing(await passphrase(), (secret) => deriveKey(secret, SEED_BYTES, kdf));
    return key;
  },
});
