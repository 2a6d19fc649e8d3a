import { badStorageRequest } from './storage-error.js';
import type { ExpiringValue } from './value-store.js';

// The first byte says what follows, so that text and bytes come back as what they were and never equal each other.
const TEXT = 0x74;
const BYTES = 0x62;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A value as every driver keeps it, a copy.
 *
 * @throws MillraceError `BAD_REQUEST` when it is neither text nor bytes.
 */
export const encodeExpiring = (value: ExpiringValue): Uint8Array => {
  if (typeof value === 'string') {
    // Three bytes for each UTF-16 unit are always enough.
    const room = new Uint8Array(1 + value.length * 3);
    room[0] = TEXT;
    const { written } = encoder.encodeInto(value, room.subarray(1));
    return room.slice(0, 1 + written);
  }
  if (!(value instanceof Uint8Array)) throw badStorageRequest('A value must be a string or a Uint8Array.');
  const bytes = new Uint8Array(1 + value.length);
  bytes[0] = BYTES;
  bytes.set(value, 1);
  return bytes;
};

/** The value that was encoded. */
export const decodeExpiring = (bytes: Uint8Array): ExpiringValue =>
  bytes[0] === TEXT ? decoder.decode(bytes.subarray(1)) : new Uint8Array(bytes.subarray(1));

/** Whether two encoded values are the same. */
export const sameBytes = (left: Uint8Array | undefined, right: Uint8Array | undefined): boolean => {
  if (left === undefined || right === undefined) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
};
