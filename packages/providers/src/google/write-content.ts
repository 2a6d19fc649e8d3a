import {
  type FilePart,
  type JsonObject,
  type JsonValue,
  MillraceError,
  type ProviderMetadata,
  type ToolResultOutput,
} from '@millrace/core/model';
import { type LossReport, sniffImage, toBase64 } from '../transport/index.js';
import type { GoogleTraits } from './model-traits.js';

/** What a conversion needs, and where it leaves what it finds on the way. */
export interface WriteContext {
  /** The provider's id: metadata under it is ours. */
  readonly provider: string;
  readonly model: string;
  readonly traits: GoogleTraits;
  readonly losses: LossReport;
}

/** What the vendor attached to a part. */
export const ownMetadata = (
  metadata: ProviderMetadata | undefined,
  { provider }: WriteContext,
): JsonObject | undefined => metadata?.[provider];

/** The signature that has to go back with a part. */
export const signatureOf = (own: JsonObject | undefined): JsonObject => {
  const signature = own?.['thoughtSignature'];
  return typeof signature === 'string' ? { thoughtSignature: signature } : {};
};

const bad = ({ provider }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${provider}: ${message}`);

/** Addresses that every model fetches: the vendor's own files, and videos. */
const FETCHED =
  /^(?:gs:\/\/|https:\/\/(?:generativelanguage\.googleapis\.com\/|(?:www\.)?youtube\.com\/|youtu\.be\/))/;

/** A file as a part. */
export const writeFile = (part: FilePart, context: WriteContext): JsonObject => {
  const { data, mediaType } = part;
  const signature = signatureOf(ownMetadata(part.providerMetadata, context));
  if (data.type === 'reference') {
    const fileUri = data.reference[context.provider];
    if (fileUri !== undefined) return { fileData: { fileUri, mimeType: mediaType }, ...signature };
    const owners = Object.keys(data.reference).join(', ');
    throw bad(context, `The file was uploaded to ${owners}, not here; pass its bytes or a URL instead.`);
  }
  if (data.type === 'url') {
    if (!FETCHED.test(data.url) && !context.traits.isThirdGeneration)
      throw bad(context, `${context.model} fetches no files from other sites; pass the bytes instead.`);
    if (mediaType.endsWith('/*'))
      throw bad(context, `A file by URL needs its exact type, such as image/png, not ${mediaType}.`);
    return { fileData: { fileUri: data.url, mimeType: mediaType }, ...signature };
  }
  return { inlineData: inlineData(part, toBase64(data.data), context), ...signature };
};

const inlineData = ({ mediaType }: FilePart, data: string, context: WriteContext): JsonObject => {
  const mimeType = mediaType.endsWith('/*') ? sniffImage(data) : mediaType;
  if (mimeType !== undefined) return { mimeType, data };
  throw bad(
    context,
    `The exact type of a file of type ${mediaType} is not known; give it, such as image/png.`,
  );
};

/** Keys that the vendor takes for references to files of the same result. */
const hasReference = (value: JsonValue | undefined): boolean => {
  if (Array.isArray(value)) return value.some((one) => hasReference(one as JsonValue));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value as JsonObject).some(
    ([name, one]) => name === '$ref' || hasReference(one as JsonValue | undefined),
  );
};

const plain = (value: JsonValue): JsonValue => (hasReference(value) ? JSON.stringify(value) : value);

/** The result of a tool: always an object, and the files that cannot be inside it. */
export interface WrittenOutput {
  readonly response: JsonObject;
  /** Inside the response, for models that take files there. */
  readonly parts: readonly JsonObject[];
  /** Behind the response, for the others. */
  readonly after: readonly JsonObject[];
}

/** Write what a tool gave. */
export const writeToolOutput = (output: ToolResultOutput, context: WriteContext): WrittenOutput => {
  const only = (response: JsonObject): WrittenOutput => ({ response, parts: [], after: [] });
  switch (output.type) {
    case 'text':
      return only({ output: output.value });
    case 'json':
      return only({ output: plain(output.value) });
    case 'error-text':
      return only({ error: output.value });
    case 'error-json':
      return only({ error: plain(output.value) });
    case 'execution-denied':
      return only({ error: output.reason ?? 'The tool was not allowed to run.' });
    case 'content': {
      const text = output.value.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      const files = output.value.flatMap((part) => (part.type === 'file' ? [writeFile(part, context)] : []));
      const response = { output: text.join('\n') };
      return context.traits.isThirdGeneration
        ? { response, parts: files, after: [] }
        : { response, parts: [], after: files };
    }
  }
};
