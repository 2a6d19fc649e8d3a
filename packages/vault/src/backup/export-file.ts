import { MillraceError } from '@millrace/core/model';
import { z } from 'zod';
import { deriveKey, type Kdf, type KdfStrength, parseKdf, STRONG_KDF } from '../sealing/derive-key.js';
import type { KeyIdentity } from '../sealing/identity.js';
import type { SodiumApi } from '../sealing/sodium.js';
import { toBase64 } from '../sealing/to-base64.js';
import type { Secret } from '../secret/secret.js';

const FORMAT = 'millrace-vault-export';
const VERSION = 1;
const KEY_BYTES = 32;
const CHECK_BYTES = 16;

/** A key in an export, once that is opened. */
export interface ExportedKey extends KeyIdentity {
  readonly key: string;
  readonly priority: number;
  readonly active: boolean;
  readonly status: 'unverified' | 'verified' | 'invalid';
  readonly updatedAt: number;
  readonly lastVerifiedAt: number | null;
}

const exportedSchema: z.ZodType<ExportedKey> = z.object({
  provider: z.string().min(1),
  project: z.string(),
  environment: z.string(),
  label: z.string().min(1),
  key: z.string().min(1),
  priority: z.number(),
  active: z.boolean(),
  status: z.enum(['unverified', 'verified', 'invalid']),
  updatedAt: z.number(),
  lastVerifiedAt: z.number().nullable(),
});

const contentSchema = z.object({ exportedAt: z.number(), keys: z.array(exportedSchema) });

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.int(),
  kdf: z.unknown(),
  /** Tells a wrong passphrase from damage. */
  check: z.string(),
  nonce: z.string(),
  /** Over everything above, so that damage there is not taken for a wrong passphrase. */
  headerSum: z.string(),
  content: z.string(),
});

/** The parts of the header, as they are bound to the content. */
const headerBytes = (kdf: Kdf, check: string, nonce: string): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify([FORMAT, VERSION, kdf.algorithm, kdf.salt, kdf.passes, kdf.memory, check, nonce]),
  );

const sumOf = (sodium: SodiumApi, header: Uint8Array): string =>
  toBase64(sodium, sodium.crypto_generichash(CHECK_BYTES, header, null));

/** Write keys under a passphrase: Argon2id, then XChaCha20-Poly1305 with the header as associated data. */
export const writeExport = async (
  sodium: SodiumApi,
  keys: readonly ExportedKey[],
  passphrase: Secret,
  strength: KdfStrength = STRONG_KDF,
): Promise<string> => {
  const { key: derived, kdf } = await deriveKey(passphrase, KEY_BYTES + CHECK_BYTES, strength);
  const content = new TextEncoder().encode(JSON.stringify({ exportedAt: Date.now(), keys }));
  try {
    const check = toBase64(sodium, derived.subarray(KEY_BYTES));
    const nonceBytes = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    const nonce = toBase64(sodium, nonceBytes);
    const header = headerBytes(kdf, check, nonce);
    const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      content,
      header,
      null,
      nonceBytes,
      derived.subarray(0, KEY_BYTES),
    );
    const file = {
      format: FORMAT,
      version: VERSION,
      kdf,
      check,
      nonce,
      headerSum: sumOf(sodium, header),
      content: toBase64(sodium, sealed),
    };
    return `${JSON.stringify(file, null, 2)}\n`;
  } finally {
    sodium.memzero(derived);
    sodium.memzero(content);
  }
};

/**
 * Open an export.
 *
 * @throws MillraceError `WRONG_PASSPHRASE`, `TAMPERED` when it is damaged or no export, `STORAGE` when it is of a newer
 * version.
 */
export const readExport = async (
  sodium: SodiumApi,
  text: string,
  passphrase: Secret,
): Promise<readonly ExportedKey[]> => {
  const file = parseFile(text);
  const kdf = parseKdf(file.kdf);
  if (kdf === undefined) throw damaged('its key derivation is not valid');
  const header = headerBytes(kdf, file.check, file.nonce);
  if (file.headerSum !== sumOf(sodium, header)) throw damaged('its header was changed');
  const { key: derived } = await deriveKey(passphrase, KEY_BYTES + CHECK_BYTES, kdf);
  try {
    if (file.check !== toBase64(sodium, derived.subarray(KEY_BYTES))) {
      throw new MillraceError(
        'WRONG_PASSPHRASE',
        'The passphrase is not the one that the export was made with.',
      );
    }
    return openContent(sodium, file, header, derived.subarray(0, KEY_BYTES));
  } finally {
    sodium.memzero(derived);
  }
};

const openContent = (
  sodium: SodiumApi,
  { content, nonce }: { readonly content: string; readonly nonce: string },
  header: Uint8Array,
  key: Uint8Array,
): readonly ExportedKey[] => {
  let opened: Uint8Array | undefined;
  try {
    const variant = sodium.base64_variants.ORIGINAL;
    opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sodium.from_base64(content, variant),
      header,
      sodium.from_base64(nonce, variant),
      key,
    );
    return contentSchema.parse(JSON.parse(new TextDecoder().decode(opened))).keys;
  } catch {
    // The cause could quote what was opened.
    throw damaged('its content was changed');
  } finally {
    if (opened !== undefined) sodium.memzero(opened);
  }
};

const parseFile = (text: string): z.infer<typeof fileSchema> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged('it is not JSON');
  }
  const version: unknown = (value as { version?: unknown } | null)?.version;
  const file = fileSchema.safeParse(value);
  if (file.success && file.data.version === VERSION) return file.data;
  if (typeof version === 'number' && Number.isInteger(version) && version > VERSION) {
    throw new MillraceError(
      'STORAGE',
      `The export is of version ${version}, and this program knows up to ${VERSION}. Update it.`,
      { retryable: false },
    );
  }
  throw damaged(file.success ? 'its version is not known' : 'it has not the form of an export');
};

const damaged = (why: string): MillraceError =>
  new MillraceError('TAMPERED', `The export is damaged or was changed: ${why}. Use another copy.`, {
    details: { why },
  });
