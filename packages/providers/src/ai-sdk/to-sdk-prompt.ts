import type { LanguageModelV4Content, LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { AssistantMessage, AssistantPart, Message, TextPart, ToolMessage } from '@millrace/core/model';
import { asList, asObject, type LossReport, parseJson } from '../transport/index.js';
import { asOptions, carriedIn, unpack } from './carried.js';
import { toSdkFile } from './files.js';
import { toSdkToolResult } from './tool-output.js';

type SdkMessage<Role> = Extract<LanguageModelV4Message, { role: Role }>;
type SdkAssistantPart = SdkMessage<'assistant'>['content'][number];
type SdkToolPart = SdkMessage<'tool'>['content'][number];

/**
 * Messages of ours as a prompt of the AI SDK.
 *
 * @throws MillraceError `BAD_REQUEST` for a file whose URL is none.
 */
export const toSdkPrompt = (messages: readonly Message[], losses: LossReport): LanguageModelV4Prompt =>
  messages.map((message) => toSdkMessage(message, losses));

const toSdkMessage = (message: Message, losses: LossReport): LanguageModelV4Message => {
  if ('name' in message && message.name !== undefined)
    losses.add('unsupported', 'name of a message', 'The AI SDK has no place for it; it was left out.');
  const options = asOptions(message.providerMetadata);
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content, ...options };
    case 'user':
      return {
        role: 'user',
        content: message.content.map((part) => (part.type === 'text' ? toSdkText(part) : toSdkFile(part))),
        ...options,
      };
    case 'assistant':
      return { role: 'assistant', content: toSdkAssistantContent(message), ...options };
    case 'tool':
      return { role: 'tool', content: toSdkToolContent(message), ...options };
  }
};

const toSdkText = ({ text, providerMetadata }: TextPart): SdkMessage<'user'>['content'][number] => ({
  type: 'text',
  text,
  ...asOptions(providerMetadata),
});

const toSdkAssistantContent = ({ content }: AssistantMessage): SdkAssistantPart[] =>
  content.flatMap((part): SdkAssistantPart[] => {
    const carried = carriedIn(part.providerMetadata);
    if (carried['part'] !== undefined) return [unpack(carried['part']) as SdkAssistantPart];
    if (carried['content'] !== undefined)
      return toSdkAnswered(unpack(carried['content']) as LanguageModelV4Content);
    if (carried['event'] !== undefined) return [];
    return toSdkAssistantPart(part);
  });

const toSdkAssistantPart = (part: AssistantPart): SdkAssistantPart[] => {
  const options = asOptions(part.providerMetadata);
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, text: part.text, ...options }];
    case 'file':
      return [toSdkFile(part)];
    case 'tool-call': {
      const { toolCallId, toolName, input } = part;
      return [{ type: 'tool-call', toolCallId, toolName, input, ...options }];
    }
    case 'source':
      // Sources repeat what the text cites; the AI SDK has no place for them in a prompt.
      return [];
  }
};

/** What a model of the AI SDK answered and we only kept, as the AI SDK itself sends it back. */
const toSdkAnswered = (content: LanguageModelV4Content): SdkAssistantPart[] => {
  const { providerMetadata } = content;
  const options = asOptions(providerMetadata);
  switch (content.type) {
    case 'tool-call': {
      const { toolCallId, toolName, input } = content;
      const parsed = input.trim() === '' ? {} : (parseJson(input) ?? {});
      return [{ type: 'tool-call', toolCallId, toolName, input: parsed, providerExecuted: true, ...options }];
    }
    case 'tool-result': {
      const { toolCallId, toolName, result, isError, preliminary } = content;
      if (preliminary === true) return [];
      const output =
        isError === true
          ? ({ type: 'error-json', value: result } as const)
          : typeof result === 'string'
            ? ({ type: 'text', value: result } as const)
            : ({ type: 'json', value: result } as const);
      return [{ type: 'tool-result', toolCallId, toolName, output, ...options }];
    }
    case 'custom':
      return [{ type: 'custom', kind: content.kind, ...options }];
    case 'reasoning-file':
      return [{ type: 'reasoning-file', data: content.data, mediaType: content.mediaType, ...options }];
    default:
      return [];
  }
};

const toSdkToolContent = ({ content, providerMetadata }: ToolMessage): SdkToolPart[] => {
  const parts: SdkToolPart[] = content.map(toSdkToolResult);
  for (const kept of asList(carriedIn(providerMetadata)['parts'])) {
    const { index, part } = asObject<{ index?: unknown; part?: unknown }>(kept);
    parts.splice(typeof index === 'number' ? index : parts.length, 0, unpack(part) as SdkToolPart);
  }
  return parts;
};
