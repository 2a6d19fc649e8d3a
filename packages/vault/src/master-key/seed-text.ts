import { MillraceError } from '@millrace/core/model';
import { SEED_BYTES } from '../sealing/key-pair.js';
import { loadSodium } from '../sealing/sodium.js';

const HOW = 'Make one with `generateMasterKey()` or `millrace keys master`.';

/** A new master key as text: 32 random bytes in base64. Keep it where the vault's data is not. */
export const generateMasterKey = async (): Promise<string> => {
  const sodium = await loadSodium();
  return sodium.to_base64(sodium.randombytes_buf(SEED_BYTES), sodium.base64_variants.ORIGINAL);
};

/**
 * The bytes of a master key's text.
 *
 * @throws MillraceError `MASTER_KEY`; the text itself is not shown.
 */
export const parseSeed = async (text: string, where: string): Promise<Uint8Array> => {
  const sodium = await loadSodium();
  let bytes: Uint8Array | undefined;
  try {
    bytes = sodium.from_base64(text.trim(), sodium.base64_variants.ORIGINAL);
  } catch {
    bytes = undefined;
  }
  if (bytes?.length === SEED_BYTES) return bytes;
  throw new MillraceError('MASTER_KEY', `${where} holds no master key: 32 bytes in base64. ${HOW}`);
};

/** The error for a place where no master key is. */
export const noMasterKey = (where: string): MillraceError =>
  new MillraceError('MASTER_KEY', `There is no master key in ${where}. ${HOW}`);
