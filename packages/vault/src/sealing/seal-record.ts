import { MillraceError } from '@millrace/core/model';
import { describeIdentity, identityBytes, type KeyIdentity } from './identity.js';
import type { KeyPair } from './key-pair.js';
import type { SodiumApi } from './sodium.js';
import { toBase64 } from './to-base64.js';

/** A key as it is stored. Every field is text, in base64 where it is binary. */
export interface SealedKey {
  /** The master key that can open it. */
  readonly masterKeyId: string;
  /** The record's own key and the digest of its identity, in a sealed box. */
  readonly dataKey: string;
  /** Of the record's cipher; drawn anew with every sealing. */
  readonly nonce: string;
  /** The key under XChaCha20-Poly1305 with the identity as associated data. */
  readonly sealedKey: string;
}

/** The record that a sealed key belongs to. */
export interface SealingPlace {
  readonly id: string;
  readonly identity: KeyIdentity;
}

const DATA_KEY_BYTES = 32;
const DIGEST_BYTES = 32;

/**
 * Seal a key. Needs the public half of the master key alone, so that a process which only takes keys in can never
 * read one. Sealed box: X25519 and XSalsa20-Poly1305 with an ephemeral key (libsodium `crypto_box_seal`).
 */
export const sealKey = (
  sodium: SodiumApi,
  master: Pick<KeyPair, 'id' | 'publicKey'>,
  { id, identity }: SealingPlace,
  key: Uint8Array,
): SealedKey => {
  const bound = identityBytes(id, identity);
  const digest = sodium.crypto_generichash(DIGEST_BYTES, bound, null);
  const dataKey = sodium.randombytes_buf(DATA_KEY_BYTES);
  const box = new Uint8Array(DATA_KEY_BYTES + DIGEST_BYTES);
  box.set(dataKey);
  box.set(digest, DATA_KEY_BYTES);
  try {
    const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(key, bound, null, nonce, dataKey);
    return {
      masterKeyId: master.id,
      dataKey: toBase64(sodium, sodium.crypto_box_seal(box, master.publicKey)),
      nonce: toBase64(sodium, nonce),
      sealedKey: toBase64(sodium, sealed),
    };
  } finally {
    sodium.memzero(dataKey);
    sodium.memzero(box);
  }
};

/**
 * Open a sealed key. The caller zeroes what it gets.
 *
 * @throws MillraceError `TAMPERED` that tells a record that was damaged from one whose ciphertext belongs elsewhere.
 */
export const openKey = (
  sodium: SodiumApi,
  master: KeyPair,
  { id, identity }: SealingPlace,
  sealed: SealedKey,
): Uint8Array => {
  const bound = identityBytes(id, identity);
  const box = openDataKey(sodium, master, identity, sealed);
  const dataKey = box.subarray(0, DATA_KEY_BYTES);
  try {
    const digest = sodium.crypto_generichash(DIGEST_BYTES, bound, null);
    if (!sodium.memcmp(digest, box.subarray(DATA_KEY_BYTES))) throw moved(identity);
    const bytes = fromBase64(sodium, sealed.sealedKey, identity);
    const nonce = fromBase64(sodium, sealed.nonce, identity);
    try {
      return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes, bound, nonce, dataKey);
    } catch {
      throw damaged(identity);
    }
  } finally {
    sodium.memzero(box);
  }
};

/** Seal the record's own key to another master key. The ciphertext of the key itself stays as it is. */
export const resealDataKey = (
  sodium: SodiumApi,
  from: KeyPair,
  to: Pick<KeyPair, 'id' | 'publicKey'>,
  identity: KeyIdentity,
  sealed: SealedKey,
): SealedKey => {
  const box = openDataKey(sodium, from, identity, sealed);
  try {
    return {
      ...sealed,
      masterKeyId: to.id,
      dataKey: toBase64(sodium, sodium.crypto_box_seal(box, to.publicKey)),
    };
  } finally {
    sodium.memzero(box);
  }
};

const openDataKey = (
  sodium: SodiumApi,
  master: KeyPair,
  identity: KeyIdentity,
  sealed: SealedKey,
): Uint8Array => {
  const box = fromBase64(sodium, sealed.dataKey, identity);
  let opened: Uint8Array;
  try {
    opened = sodium.crypto_box_seal_open(box, master.publicKey, master.privateKey);
  } catch {
    throw damaged(identity);
  }
  if (opened.length === DATA_KEY_BYTES + DIGEST_BYTES) return opened;
  sodium.memzero(opened);
  throw damaged(identity);
};

const damaged = (identity: KeyIdentity): MillraceError =>
  new MillraceError(
    'TAMPERED',
    `The stored key ${describeIdentity(identity)} is damaged or was changed. Restore it from a backup, or save the key again.`,
    { details: { ...identity, tampering: 'damaged' } },
  );

const moved = (identity: KeyIdentity): MillraceError =>
  new MillraceError(
    'TAMPERED',
    `What is stored as ${describeIdentity(identity)} was sealed for another record: it was moved here, or the record's provider, project, environment, label or id was edited.`,
    { details: { ...identity, tampering: 'moved' } },
  );

const fromBase64 = (sodium: SodiumApi, text: string, identity: KeyIdentity): Uint8Array => {
  try {
    return sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
  } catch {
    throw damaged(identity);
  }
};
