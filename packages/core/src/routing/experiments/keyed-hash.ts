import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Numbers that belong to texts: always the same, and as if thrown with a die for each text and key. */
export interface KeyedHash {
  /** From 0 to less than 1, in steps of 2^−53. */
  share(text: string): number;
  /** From 0 to 2^32 − 1. */
  integer(text: string): number;
}

/** HMAC-SHA-256 under a key. What two keys give is independent of each other. */
export const keyedHash = (key: string): KeyedHash => {
  const begun = hmac.create(sha256, utf8ToBytes(key));
  const view = (text: string): DataView => {
    const digest = begun.clone().update(utf8ToBytes(text)).digest();
    return new DataView(digest.buffer, digest.byteOffset);
  };
  return {
    share: (text) => Number(view(text).getBigUint64(0) >> 11n) / 2 ** 53,
    integer: (text) => view(text).getUint32(0),
  };
};

/** A name for something of plain data: the same for the same data. */
export const fingerprint = (data: unknown): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify(data)))).slice(0, 16);
