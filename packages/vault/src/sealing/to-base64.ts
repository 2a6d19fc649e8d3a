import type { SodiumApi } from './sodium.js';

/** Bytes as base64, with padding. */
export const toBase64 = (sodium: SodiumApi, bytes: Uint8Array): string =>
  sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
