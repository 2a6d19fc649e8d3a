import {
  type FilePart,
  type JsonObject,
  MillraceError,
  type ProviderMetadata,
  type TextPart,
  type ToolResultOutput,
} from '@millrace/core/model';
import { type LossReport, sniffImage, toBase64 } from '../transport/index.js';
import type { CacheBreakpoints } from './cache-breakpoints.js';

/** What a conversion needs, and where it leaves what it finds on the way. */
export interface WriteContext {
  /** The provider's id: metadata under it is ours. */
  readonly provider: string;
  readonly warnings: LossReport;
  readonly cache: CacheBreakpoints;
  /** Features that have to be named in a header. */
  readonly betas: Set<string>;
  readonly toolCallId: (id: string) => string;
}

/** What the vendor attached to a part, or should get with it. */
export const ownMetadata = (
  metadata: ProviderMetadata | undefined,
  { provider }: WriteContext,
): JsonObject | undefined => metadata?.[provider];

const IMAGES: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const FILES_BETA = 'files-api-2025-04-14';

const plainText = (data: Uint8Array | string): string =>
  Buffer.from(toBase64(data), 'base64').toString('utf8');

const bad = ({ provider }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${provider}: ${message}`);

/** A text block. The vendor refuses empty ones. */
export const writeText = (part: TextPart, context: WriteContext): JsonObject[] => {
  const own = ownMetadata(part.providerMetadata, context);
  // What a tool of the vendor's own left in an answer goes back as it came.
  if (own?.['block'] !== undefined) return [own['block'] as JsonObject];
  if (part.text.trim() === '') return [];
  const citations = own?.['citations'];
  return [
    {
      type: 'text',
      text: part.text,
      ...(citations !== undefined && { citations }),
      ...context.cache.of(own),
    },
  ];
};

/** An image or document block. */
export const writeFile = (part: FilePart, context: WriteContext): JsonObject => {
  const { data, mediaType, filename } = part;
  const own = ownMetadata(part.providerMetadata, context);
  const marks = context.cache.of(own);
  const isImage = mediaType.startsWith('image/');
  const titled = isImage
    ? {}
    : { ...(filename !== undefined && { title: filename }), ...documentOptions(own) };
  const type = isImage ? 'image' : 'document';
  if (data.type === 'reference') {
    const id = data.reference[context.provider];
    if (id === undefined) {
      const owners = Object.keys(data.reference).join(', ');
      throw bad(context, `The file was uploaded to ${owners}, not here; pass its bytes or a URL instead.`);
    }
    context.betas.add(FILES_BETA);
    return { type, source: { type: 'file', file_id: id }, ...titled, ...marks };
  }
  if (data.type === 'url') {
    if (!isImage && mediaType !== 'application/pdf')
      throw bad(context, `A file of type ${mediaType} cannot be passed by URL; pass its bytes instead.`);
    return { type, source: { type: 'url', url: data.url }, ...titled, ...marks };
  }
  const bytes = toBase64(data.data);
  if (isImage) {
    const exact = IMAGES.includes(mediaType) ? mediaType : sniffImage(bytes);
    if (exact === undefined)
      throw bad(context, `Images of type ${mediaType} are not accepted; use JPEG, PNG, GIF or WebP.`);
    return { type, source: { type: 'base64', media_type: exact, data: bytes }, ...marks };
  }
  if (mediaType === 'application/pdf') {
    const source = { type: 'base64', media_type: mediaType, data: bytes };
    return { type, source, ...titled, ...marks };
  }
  if (mediaType.startsWith('text/') || mediaType === 'application/json') {
    const source = { type: 'text', media_type: 'text/plain', data: plainText(data.data) };
    return { type, source, ...titled, ...marks };
  }
  throw bad(context, `Files of type ${mediaType} are not accepted; images, PDF and text are.`);
};

const documentOptions = (own: JsonObject | undefined): JsonObject => {
  const { title, context, citations } = own ?? {};
  return {
    ...(title !== undefined && { title }),
    ...(context !== undefined && { context }),
    ...(citations !== undefined && { citations }),
  };
};

/** What a tool gave, as the content of a `tool_result`. */
export const writeToolOutput = (output: ToolResultOutput, context: WriteContext): JsonObject => {
  switch (output.type) {
    case 'text':
      return { content: output.value };
    case 'json':
      return { content: JSON.stringify(output.value) };
    case 'error-text':
      return { content: output.value, is_error: true };
    case 'error-json':
      return { content: JSON.stringify(output.value), is_error: true };
    case 'execution-denied':
      return { content: output.reason ?? 'The tool was not allowed to run.', is_error: true };
    case 'content':
      return {
        content: output.value.flatMap((part) =>
          part.type === 'text' ? writeText(part, context) : [writeFile(part, context)],
        ),
      };
  }
};
