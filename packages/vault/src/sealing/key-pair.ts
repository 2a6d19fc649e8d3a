import { MillraceError } from '@millrace/core/model';
import type { SodiumApi } from './sodium.js';
import { toBase64 } from './to-base64.js';

/** A master key: who has the public half can seal, who has both can open. */
export interface KeyPair {
  /** A fingerprint of the public half. */
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Length of the secret that a master key is made from, in bytes. */
export const SEED_BYTES = 32;

const ID_BYTES = 12;

const keyIdOf = (sodium: SodiumApi, publicKey: Uint8Array): string =>
  sodium.to_hex(sodium.crypto_generichash(ID_BYTES, publicKey, null));

/**
 * Make the pair of a seed. The seed stays the caller's to zero.
 *
 * @throws MillraceError `MASTER_KEY` when the seed is not 32 bytes.
 */
export const keyPairOf = (sodium: SodiumApi, seed: Uint8Array): KeyPair => {
  if (seed.length !== SEED_BYTES) {
    throw new MillraceError('MASTER_KEY', `A master key is ${SEED_BYTES} bytes, not ${seed.length}.`);
  }
  const { publicKey, privateKey } = sodium.crypto_box_seed_keypair(seed);
  return { id: keyIdOf(sodium, publicKey), publicKey, privateKey };
};

/** The public half as text, for processes that only take keys in. */
export const publicKeyText = (sodium: SodiumApi, publicKey: Uint8Array): string =>
  `mrv1.${toBase64(sodium, publicKey)}`;

/**
 * Read the text of a public key.
 *
 * @throws MillraceError `MASTER_KEY` when it is none.
 */
export const parsePublicKey = (sodium: SodiumApi, text: string): Pick<KeyPair, 'id' | 'publicKey'> => {
  const bytes = text.startsWith('mrv1.') ? decode(sodium, text.slice('mrv1.'.length)) : undefined;
  if (bytes?.length === sodium.crypto_box_PUBLICKEYBYTES)
    return { id: keyIdOf(sodium, bytes), publicKey: bytes };
  throw new MillraceError(
    'MASTER_KEY',
    "This is not a vault's public key: it begins with `mrv1.`; `vault.publicKey` gives it.",
  );
};

const decode = (sodium: SodiumApi, text: string): Uint8Array | undefined => {
  try {
    return sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
  } catch {
    return undefined;
  }
};
