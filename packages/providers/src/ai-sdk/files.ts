import type { LanguageModelV4File, LanguageModelV4FilePart } from '@ai-sdk/provider';
import { type FileData, type FilePart, type JsonObject, MillraceError } from '@millrace/core/model';
import { toBase64 } from '../transport/index.js';
import { asMetadata, asOptions, carriedIn, carrying } from './carried.js';

/** A file of a prompt of the AI SDK, as ours. Text that stands in place of bytes becomes bytes, which every vendor takes. */
export const fromSdkFile = (part: Omit<LanguageModelV4FilePart, 'type'>): FilePart => {
  const { mediaType, filename, providerOptions } = part;
  const { data, extra } = readData(part.data);
  return {
    type: 'file',
    // `image` and `image/*` mean the same to the AI SDK; here there is only the second.
    mediaType: mediaType.includes('/') ? mediaType : `${mediaType}/*`,
    data,
    ...(filename !== undefined && { filename }),
    ...carrying(providerOptions, extra),
  };
};

/**
 * A file of ours, as a prompt of the AI SDK has it.
 *
 * @throws MillraceError `BAD_REQUEST` when its URL is none.
 */
export const toSdkFile = (part: FilePart): LanguageModelV4FilePart => {
  const { mediaType, filename, providerMetadata } = part;
  return {
    type: 'file',
    mediaType: /^[^*/]+\/\*$/.test(mediaType) ? mediaType.slice(0, -2) : mediaType,
    data: writeData(part.data, carriedIn(providerMetadata)),
    ...(filename !== undefined && { filename }),
    ...asOptions(providerMetadata),
  };
};

/** A file that a model of the AI SDK made, as ours. */
export const fromSdkOutputFile = ({ mediaType, data, providerMetadata }: LanguageModelV4File): FilePart => {
  const read = readData(data);
  return { type: 'file', mediaType, data: read.data, ...carrying(providerMetadata, read.extra) };
};

/** A file of an answer of ours, as the AI SDK has it; `undefined` for a vendor's reference, which it has no place for. */
export const toSdkOutputFile = (part: FilePart): LanguageModelV4File | undefined => {
  const { mediaType, providerMetadata } = part;
  const data = writeData(part.data, carriedIn(providerMetadata));
  if (data.type !== 'data' && data.type !== 'url') return undefined;
  return { type: 'file', mediaType, data, ...asMetadata(providerMetadata) };
};

const readData = (data: LanguageModelV4FilePart['data']): { data: FileData; extra?: JsonObject } => {
  switch (data.type) {
    case 'data':
      return { data: { type: 'data', data: data.data } };
    case 'url':
      return { data: { type: 'url', url: String(data.url) }, extra: { originalUrl: data.originalUrl } };
    case 'reference':
      return { data: { type: 'reference', reference: data.reference } };
    case 'text':
      return {
        data: { type: 'data', data: new TextEncoder().encode(data.text) },
        extra: { asText: true },
      };
  }
};

const writeData = (data: FileData, carried: JsonObject): LanguageModelV4FilePart['data'] => {
  switch (data.type) {
    case 'data':
      return carried['asText'] === true
        ? { type: 'text', text: Buffer.from(toBase64(data.data), 'base64').toString('utf8') }
        : { type: 'data', data: data.data };
    case 'url': {
      const { originalUrl } = carried;
      const url = parseUrl(data.url);
      return typeof originalUrl === 'string' ? { type: 'url', url, originalUrl } : { type: 'url', url };
    }
    case 'reference':
      // The AI SDK rules out a provider named `type`; one that exists cannot be told apart from a tag anyway.
      return {
        type: 'reference',
        reference: { ...data.reference } as Record<string, string> & { type?: never },
      };
  }
};

const parseUrl = (text: string): URL => {
  if (URL.canParse(text)) return new URL(text);
  throw new MillraceError('BAD_REQUEST', 'The URL of a file is not valid; give an absolute one.');
};
