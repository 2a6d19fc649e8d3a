const CHUNK = 0x8000;

/** Bytes as base64, on any runtime. */
export const bytesToBase64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
};

/** @throws when the text is no base64. */
export const base64ToBytes = (text: string): Uint8Array => {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
};

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
