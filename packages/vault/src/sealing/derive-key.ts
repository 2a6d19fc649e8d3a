import type { Secret } from '../secret/secret.js';

/** How dear it is to guess a passphrase. */
export interface KdfStrength {
  /** Passes over the memory. */
  readonly passes: number;
  /** Memory, in bytes. */
  readonly memory: number;
}

/** How a key was derived: all that is needed to derive it again, but for the passphrase. */
export interface Kdf extends KdfStrength {
  readonly algorithm: 'argon2id13';
  /** In base64. */
  readonly salt: string;
}

/** libsodium's `moderate`: about a second on a laptop. */
export const STRONG_KDF: KdfStrength = { passes: 3, memory: 256 * 1024 * 1024 };

/** More than this is no key of ours but an attempt to exhaust the machine. */
const MOST_MEMORY = 1024 * 1024 * 1024;
const LEAST_MEMORY = 8192;
const MOST_PASSES = 64;
const SALT = /^[A-Za-z0-9+/]{22}==$/;

/** Read how a key was derived; `undefined` when that is not, or not sensibly, said. */
export const parseKdf = (value: unknown): Kdf | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { algorithm, salt, passes, memory } = value as Partial<Record<keyof Kdf, unknown>>;
  const sensible =
    algorithm === 'argon2id13' &&
    typeof salt === 'string' &&
    SALT.test(salt) &&
    typeof passes === 'number' &&
    typeof memory === 'number' &&
    Number.isInteger(passes) &&
    Number.isInteger(memory) &&
    passes >= 1 &&
    passes <= MOST_PASSES &&
    memory >= LEAST_MEMORY &&
    memory <= MOST_MEMORY;
  return sensible ? { algorithm, salt, passes, memory } : undefined;
};

/** Derive a key by Argon2id (RFC 9106), with a new salt unless one is given. The caller zeroes the key. */
export const deriveKey = async (
  passphrase: Secret,
  length: number,
  { passes, memory, ...given }: KdfStrength & { readonly salt?: string },
): Promise<{ readonly key: Uint8Array; readonly kdf: Kdf }> => {
  // Only the larger build of libsodium has Argon2id; it is loaded when a passphrase is used.
  const { default: sodium } = await import('libsodium-wrappers-sumo');
  await sodium.ready;
  const variant = sodium.base64_variants.ORIGINAL;
  const salt =
    given.salt === undefined
      ? sodium.randombytes_buf(sodium.crypto_pwhash_SALTBYTES)
      : sodium.from_base64(given.salt, variant);
  const key = passphrase.use((bytes) =>
    sodium.crypto_pwhash(length, bytes, salt, passes, memory, sodium.crypto_pwhash_ALG_ARGON2ID13),
  );
  return { key, kdf: { algorithm: 'argon2id13', salt: sodium.to_base64(salt, variant), passes, memory } };
};
