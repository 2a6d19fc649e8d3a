import { base64ToBytes, bytesToBase64 } from '../../internal/base64.js';

/** Numbers as base64, four bytes each, the lowest first whatever the machine. */
export const floatsToBase64 = (numbers: Float32Array): string => {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (let at = 0; at < numbers.length; at++) view.setFloat32(4 * at, numbers[at] ?? 0, true);
  return bytesToBase64(new Uint8Array(view.buffer));
};

/** @throws when the text is no base64. */
export const base64ToFloats = (text: string): Float32Array => {
  const bytes = base64ToBytes(text);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) =>
    view.getFloat32(4 * at, true),
  );
};
