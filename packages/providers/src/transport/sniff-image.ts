/** What the first bytes of an image say, in base64. */
const SIGNATURES: readonly (readonly [start: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** The media type of an image in base64, by its first bytes; `undefined` when it is none that vendors take. */
export const sniffImage = (base64: string): string | undefined =>
  SIGNATURES.find(([start]) => base64.startsWith(start))?.[1];

/** Bytes as base64; text is base64 already. */
export const toBase64 = (data: Uint8Array | string): string =>
  typeof data === 'string' ? data : Buffer.from(data).toString('base64');
