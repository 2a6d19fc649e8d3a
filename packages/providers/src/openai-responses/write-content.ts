import {
  type FilePart,
  type JsonObject,
  MillraceError,
  type ProviderMetadata,
  type ToolResultOutput,
  type UserPart,
} from '@millrace/core/model';
import { type LossReport, sniffImage, toBase64 } from '../transport/index.js';

/** What a conversion needs, and where it leaves what it finds on the way. */
export interface WriteContext {
  /** The provider's id: metadata under it is ours. */
  readonly provider: string;
  readonly losses: LossReport;
  /** Whether the vendor keeps the conversation, so that what it keeps can be named instead of sent. */
  readonly stored: boolean;
  readonly systemRole: 'system' | 'developer';
  /** An id in the form that the server takes. */
  readonly callId: (id: string) => string;
}

/** What the vendor attached to a part, or should get with it. */
export const ownMetadata = (
  metadata: ProviderMetadata | undefined,
  { provider }: WriteContext,
): JsonObject | undefined => metadata?.[provider];

const bad = ({ provider }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${provider}: ${message}`);

/** What a user said, as input parts. */
export const writeUserParts = (parts: readonly UserPart[], context: WriteContext): JsonObject[] =>
  parts.map((part) =>
    part.type === 'text' ? { type: 'input_text', text: part.text } : writeFile(part, context),
  );

/** A file as an input part. */
const writeFile = (part: FilePart, context: WriteContext): JsonObject => {
  const { data, mediaType, filename } = part;
  const isImage = mediaType.startsWith('image/');
  const type = isImage ? 'input_image' : 'input_file';
  const detail = ownMetadata(part.providerMetadata, context)?.['detail'];
  const extra = isImage ? { detail: detail ?? 'auto' } : {};
  if (data.type === 'reference') {
    const fileId = data.reference[context.provider];
    if (fileId !== undefined) return { type, file_id: fileId, ...extra };
    const owners = Object.keys(data.reference).join(', ');
    throw bad(context, `The file was uploaded to ${owners}, not here; pass its bytes or a URL instead.`);
  }
  if (mediaType.startsWith('audio/') || mediaType.startsWith('video/'))
    throw bad(context, `Files of type ${mediaType} are not accepted by the responses endpoint.`);
  if (data.type === 'url') return { type, [isImage ? 'image_url' : 'file_url']: data.url, ...extra };
  const bytes = toBase64(data.data);
  if (isImage) {
    const exact = mediaType.endsWith('/*') ? (sniffImage(bytes) ?? 'image/png') : mediaType;
    return { type, image_url: `data:${exact};base64,${bytes}`, ...extra };
  }
  const name = filename ?? `file.${mediaType.split('/')[1]?.split(/[;+]/)[0] ?? 'bin'}`;
  return { type, filename: name, file_data: `data:${mediaType};base64,${bytes}` };
};

/** What a tool gave: text, or parts where there are files in it. */
export const writeToolOutput = (output: ToolResultOutput, context: WriteContext): string | JsonObject[] => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'The tool was not allowed to run.';
    case 'content': {
      const onlyText = output.value.every((part) => part.type === 'text');
      const parts = writeUserParts(output.value, context);
      return onlyText ? parts.map(({ text }) => text).join('\n') : parts;
    }
  }
};
