import { MillraceError } from '@millrace/core/model';
import { type KeyPair, parsePublicKey } from '../sealing/key-pair.js';
import type { SodiumApi } from '../sealing/sodium.js';
import type { MasterKeyEntry, VaultHeader, VaultState } from '../store/vault-state.js';

/** The entry that new keys are sealed to. */
export const currentEntry = (header: VaultHeader): MasterKeyEntry => {
  const entry = header.masterKeys.find(({ state }) => state === 'current');
  if (entry !== undefined) return entry;
  throw new MillraceError('TAMPERED', "The vault's header names no current master key.");
};

/** Its public half, of the newest state: a key is never sealed to a master key that has just been retired. */
export const currentPublicKey = (
  sodium: SodiumApi,
  { header }: VaultState,
): Pick<KeyPair, 'id' | 'publicKey'> => {
  if (header === undefined) {
    throw new MillraceError(
      'MASTER_KEY',
      'The vault has no master key yet: open it once with `createVault`.',
    );
  }
  return parsePublicKey(sodium, currentEntry(header).publicKey);
};
