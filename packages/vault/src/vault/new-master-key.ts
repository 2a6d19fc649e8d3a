import { MillraceError } from '@millrace/core/model';
import type { MasterKeySource } from '../master-key/master-key-source.js';
import { type KeyPair, keyPairOf, publicKeyText } from '../sealing/key-pair.js';
import type { SodiumApi } from '../sealing/sodium.js';
import type { MasterKeyEntry } from '../store/vault-state.js';

/** A master key that its source has shown to be able to open again. */
export interface NewMasterKey {
  readonly pair: KeyPair;
  readonly entry: MasterKeyEntry;
}

/**
 * Have a source make a key, and open it once more before anything is sealed to it: a key service may let a process wrap
 * and not unwrap, and a passphrase may be mistyped.
 *
 * @throws MillraceError `MASTER_KEY` or `WRONG_PASSPHRASE`; then nothing has changed.
 */
export const makeMasterKey = async (sodium: SodiumApi, source: MasterKeySource): Promise<NewMasterKey> => {
  const { seed, note } = await source.create();
  const pair = pairOf(sodium, seed);
  const again = pairOf(sodium, await source.open(note));
  sodium.memzero(again.privateKey);
  if (again.id !== pair.id) {
    throw source.name === 'passphrase'
      ? new MillraceError('WRONG_PASSPHRASE', 'The passphrase was not the same the second time.')
      : new MillraceError('MASTER_KEY', `"${source.name}" gives another key than it made.`);
  }
  const entry: MasterKeyEntry = {
    id: pair.id,
    publicKey: publicKeyText(sodium, pair.publicKey),
    source: source.name,
    ...(note !== undefined && { note }),
    createdAt: Date.now(),
    state: 'current',
  };
  return { pair, entry };
};

const pairOf = (sodium: SodiumApi, seed: Uint8Array): KeyPair => {
  try {
    return keyPairOf(sodium, seed);
  } finally {
    sodium.memzero(seed);
  }
};
