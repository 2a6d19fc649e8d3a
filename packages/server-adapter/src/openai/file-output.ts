import type { FilePart, JsonObject } from '@millrace/core/model';

const STEP = 0x8000;

const toBase64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let at = 0; at < bytes.length; at += STEP) {
    binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  }
  return btoa(binary);
};

const toUrl = ({ data, mediaType }: FilePart): string | undefined => {
  if (data.type === 'url') return data.url;
  if (data.type === 'reference') return undefined;
  return `data:${mediaType};base64,${typeof data.data === 'string' ? data.data : toBase64(data.data)}`;
};

const toFile = (part: FilePart, url: string | undefined): JsonObject => {
  const filename = part.filename === undefined ? {} : { filename: part.filename };
  if (url !== undefined) return { type: 'file', file: { ...filename, file_data: url } };
  const reference = part.data.type === 'reference' ? Object.values(part.data.reference)[0] : undefined;
  return { type: 'file', file: { ...filename, file_id: reference } };
};

/**
 * Files that a model made. OpenAI's own format has no place for them, so images go where other gateways put them
 * (`images`), and everything else to `files` in the form that a request would have it.
 */
export const toFileOutput = (parts: readonly FilePart[]): JsonObject => {
  const images: JsonObject[] = [];
  const files: JsonObject[] = [];
  for (const part of parts) {
    const url = toUrl(part);
    if (url !== undefined && part.mediaType.startsWith('image/')) {
      images.push({ type: 'image_url', image_url: { url } });
    } else files.push(toFile(part, url));
  }
  return { ...(images.length > 0 && { images }), ...(files.length > 0 && { files }) };
};
