import { MillraceError } from '@millrace/core/model';
import { type KeyPair, parsePublicKey, publicKeyText } from '../sealing/key-pair.js';
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

/** The part of a key ring that is needed here. */
interface Pairs {
  get(id: string): KeyPair | undefined;
}

/**
 * The pair of the current master key, from the ring of this process; `undefined` when that does not hold it. Nothing in
 * the store is trusted for it: who may write there could put a public key of his own in its place.
 *
 * @throws MillraceError `TAMPERED` when the store names another public key.
 */
export const currentPair = (sodium: SodiumApi, { header }: VaultState, ring: Pairs): KeyPair | undefined => {
  if (header === undefined) throw new MillraceError('MASTER_KEY', 'The vault has no master key yet.');
  const entry = currentEntry(header);
  const pair = ring.get(entry.id);
  if (pair !== undefined) checkPublicKey(sodium, entry, pair);
  return pair;
};

/** @throws MillraceError `TAMPERED` when an entry's public key is not that of its pair. */
export const checkPublicKey = (sodium: SodiumApi, entry: MasterKeyEntry, pair: KeyPair): void => {
  if (publicKeyText(sodium, pair.publicKey) === entry.publicKey) return;
  throw new MillraceError(
    'TAMPERED',
    "The public key in the vault's header was swapped: it is not that of the master key. Find out who may write to the store before you go on.",
    { details: { masterKeyId: entry.id } },
  );
};
