import type {
  AssistantMessage,
  FilePart,
  JsonObject,
  Message,
  ProviderMetadata,
  ToolMessage,
  ToolResultOutput,
  UserPart,
  Warning,
} from '@millrace/core/model';
import { MillraceError } from '@millrace/core/model';
import type { ChatDialect } from './quirks.js';

/** What a conversion needs and where it leaves its warnings. */
export interface WriteContext {
  readonly dialect: ChatDialect;
  readonly systemRole: 'system' | 'developer';
  readonly warn: (warning: Warning) => void;
  /** An id in the form that the server takes. */
  readonly toolCallId: (id: string) => string;
}

/** Write a conversation as the dialect's messages. */
export const writeMessages = (messages: readonly Message[], context: WriteContext): JsonObject[] =>
  messages.flatMap((message) => writeMessage(message, context));

const writeMessage = (message: Message, context: WriteContext): JsonObject[] => {
  switch (message.role) {
    case 'system':
      return [{ role: context.systemRole, content: message.content }];
    case 'user': {
      const name = message.name === undefined ? {} : { name: message.name };
      return [{ role: 'user', ...name, content: writeUserContent(message.content, context) }];
    }
    case 'assistant':
      return [writeAssistant(message, context)];
    case 'tool':
      return writeToolResults(message, context);
  }
};

const writeUserContent = (parts: readonly UserPart[], context: WriteContext): string | JsonObject[] => {
  const [first] = parts;
  if (parts.length === 1 && first?.type === 'text' && own(first.providerMetadata, context) === undefined)
    return first.text;
  return parts.map((part) => {
    const extra = own(part.providerMetadata, context) ?? {};
    if (part.type === 'text') return { type: 'text', text: part.text, ...extra };
    return writeFile(part, context);
  });
};

const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
};

const writeFile = (part: FilePart, context: WriteContext): JsonObject => {
  const { data, mediaType, filename } = part;
  const { detail, ...extra } = own(part.providerMetadata, context) ?? {};
  if (data.type === 'reference') {
    const fileId = data.reference[context.dialect.provider];
    if (fileId !== undefined) return { type: 'file', file: { file_id: fileId }, ...extra };
    const owners = Object.keys(data.reference).join(', ');
    throw bad(context, `The file was uploaded to ${owners}, not here; pass its bytes or a URL instead.`);
  }
  if (mediaType.startsWith('image/')) {
    const image = { url: data.type === 'url' ? data.url : dataUrl(mediaType, data.data) };
    return { type: 'image_url', image_url: { ...image, ...(detail !== undefined && { detail }) }, ...extra };
  }
  if (data.type === 'url') {
    throw bad(
      context,
      `A file of type ${mediaType} cannot be passed by URL here, only images can; pass its bytes instead.`,
    );
  }
  const format = AUDIO_FORMATS[mediaType];
  if (format !== undefined) {
    return { type: 'input_audio', input_audio: { data: base64(data.data), format }, ...extra };
  }
  if (mediaType.startsWith('audio/'))
    throw bad(context, `Audio of type ${mediaType} is not accepted; use audio/wav or audio/mpeg.`);
  const name = filename ?? `file.${mediaType.split('/')[1]?.split(/[;+]/)[0] ?? 'bin'}`;
  return { type: 'file', file: { filename: name, file_data: dataUrl(mediaType, data.data) }, ...extra };
};

const writeAssistant = (message: AssistantMessage, context: WriteContext): JsonObject => {
  const { provider, quirks } = context.dialect;
  let text = '';
  let refusal = '';
  let reasoning = '';
  const toolCalls: JsonObject[] = [];
  for (const part of message.content) {
    switch (part.type) {
      case 'text':
        if (part.refusal === true) refusal += part.text;
        else text += part.text;
        break;
      case 'reasoning':
        reasoning += part.text;
        break;
      case 'tool-call': {
        const extraContent = part.providerMetadata?.[provider]?.['extraContent'];
        toolCalls.push({
          id: context.toolCallId(part.toolCallId),
          type: 'function',
          function: { name: part.toolName, arguments: part.inputText ?? JSON.stringify(part.input ?? {}) },
          ...(extraContent !== undefined && { extra_content: extraContent }),
        });
        break;
      }
      case 'file':
        context.warn({
          type: 'unsupported',
          feature: 'file in an assistant message',
          details: 'It was left out.',
        });
        break;
      case 'source':
        // Sources repeat what the text cites; the dialect has no place for them in a request.
        break;
    }
  }
  if (reasoning !== '' && quirks.echoReasoning !== true) {
    context.warn({
      type: 'unsupported',
      feature: 'reasoning in the history',
      details: 'Earlier reasoning was left out.',
    });
  }
  return {
    role: 'assistant',
    ...(message.name !== undefined && { name: message.name }),
    content: text === '' ? (toolCalls.length > 0 || refusal !== '' ? null : '') : text,
    ...(refusal !== '' && { refusal }),
    ...(reasoning !== '' && quirks.echoReasoning === true && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
};

const writeToolResults = (message: ToolMessage, context: WriteContext): JsonObject[] =>
  message.content.map(({ toolCallId, output }) => ({
    role: 'tool',
    tool_call_id: context.toolCallId(toolCallId),
    content: writeToolOutput(output, context),
  }));

const writeToolOutput = (output: ToolResultOutput, context: WriteContext): string | JsonObject[] => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'The tool was not allowed to run.';
    case 'content':
      return output.value.flatMap((part): JsonObject[] => {
        if (part.type === 'text') return [{ type: 'text', text: part.text }];
        context.warn({
          type: 'unsupported',
          feature: 'file in a tool result',
          details: `A file of type ${part.mediaType} was replaced by a note; pass it in a user message instead.`,
        });
        return [{ type: 'text', text: `[a file of type ${part.mediaType} was left out]` }];
      });
  }
};

/** What the vendor attached to a part, or should get with it. */
const own = (metadata: ProviderMetadata | undefined, { dialect }: WriteContext): JsonObject | undefined => {
  const { logprobs: _, ...rest } = { ...metadata?.['openai'], ...metadata?.[dialect.provider] };
  return Object.keys(rest).length > 0 ? rest : undefined;
};

const dataUrl = (mediaType: string, data: Uint8Array | string): string =>
  // A wildcard is no media type; the vendor looks at the bytes anyway.
  `data:${mediaType === 'image/*' ? 'image/png' : mediaType};base64,${base64(data)}`;

const base64 = (data: Uint8Array | string): string =>
  typeof data === 'string' ? data : Buffer.from(data).toString('base64');

const bad = ({ dialect }: WriteContext, message: string): MillraceError =>
  new MillraceError('BAD_REQUEST', `${dialect.provider}: ${message}`);
