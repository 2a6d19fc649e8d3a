import type { FilePart, TextPart, UserPart } from '@millrace/core/model';
import { badRequest } from './bad-request.js';
import type {
  AudioContent,
  FileContent,
  ImageContent,
  TextContent,
  UserContent,
} from './chat-completion-request.js';
import { cleanBase64, parseDataUrl } from './parse-data-url.js';
import { vendorFields } from './vendor-fields.js';

const AUDIO_TYPES: Readonly<Record<string, string>> = { mp3: 'audio/mpeg', m4a: 'audio/mp4' };

const EXTENSION_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

const typeOfName = (filename: string | undefined): string =>
  EXTENSION_TYPES[filename?.split('.').pop()?.toLowerCase() ?? ''] ?? 'application/octet-stream';

/** A text part with whatever the client attached to it. */
export const toTextPart = ({ type, text, ...rest }: TextContent): TextPart => ({
  type,
  text,
  providerMetadata: vendorFields(rest),
});

const toImagePart = (part: ImageContent, param: string): FilePart => {
  const { type: _type, image_url, ...rest } = part;
  const inObject = typeof image_url !== 'string';
  const { url, ...details } = inObject ? image_url : { url: image_url };
  const at = `${param}.image_url${inObject ? '.url' : ''}`;
  const providerMetadata = vendorFields({ ...rest, ...details });
  const embedded = parseDataUrl(url, at);
  if (embedded !== undefined) {
    const mediaType = embedded.mediaType === '' ? 'image/*' : embedded.mediaType;
    return { type: 'file', mediaType, data: { type: 'data', data: embedded.data }, providerMetadata };
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw badRequest(at, `'${at}' must be an http, https or data URL.`);
  }
  return { type: 'file', mediaType: 'image/*', data: { type: 'url', url }, providerMetadata };
};

const toAudioPart = (part: AudioContent, param: string): FilePart => {
  const { type: _type, input_audio, ...rest } = part;
  const { data, format, ...details } = input_audio;
  const at = `${param}.input_audio.data`;
  const base64 = parseDataUrl(data, at)?.data ?? cleanBase64(data);
  if (base64 === undefined) throw badRequest(at, `'${at}' must be base64.`);
  const mediaType = AUDIO_TYPES[format] ?? `audio/${format}`;
  return {
    type: 'file',
    mediaType,
    data: { type: 'data', data: base64 },
    providerMetadata: vendorFields({ ...rest, ...details }),
  };
};

const toFilePart = (part: FileContent, param: string): FilePart => {
  const { type: _type, file, ...rest } = part;
  const { file_data, file_id, filename: name, ...details } = file;
  const filename = name ?? undefined;
  const providerMetadata = vendorFields({ ...rest, ...details });
  const at = `${param}.file`;
  if (file_id != null) {
    const data = { type: 'reference', reference: { openai: file_id } } as const;
    return { type: 'file', mediaType: 'application/*', data, filename, providerMetadata };
  }
  if (file_data == null) throw badRequest(at, `'${at}' must have either 'file_data' or 'file_id'.`);
  const embedded = parseDataUrl(file_data, `${at}.file_data`);
  const data = embedded?.data ?? cleanBase64(file_data);
  if (data === undefined)
    throw badRequest(`${at}.file_data`, `'${at}.file_data' must be a data URL or base64.`);
  const mediaType = embedded?.mediaType || typeOfName(filename);
  return { type: 'file', mediaType, data: { type: 'data', data }, filename, providerMetadata };
};

/**
 * A part of a user message or of a tool's result.
 *
 * @param param - Where the part stands in the request, for errors.
 * @throws MillraceError `BAD_REQUEST`
 */
export const toUserPart = (part: UserContent, param: string): UserPart => {
  switch (part.type) {
    case 'text':
      return toTextPart(part);
    case 'image_url':
      return toImagePart(part, param);
    case 'input_audio':
      return toAudioPart(part, param);
    case 'file':
      return toFilePart(part, param);
  }
};
