import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type {
  AssistantPart,
  FilePart,
  JsonObject,
  Message,
  ProviderMetadata,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '@millrace/core/model';
import { bridged, metadataOut } from './bridge-metadata.js';
import { fileOut } from './files.js';
import { BLOCK } from './prompt-in.js';

type User = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];
type Assistant = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type Tool = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];
type Output = Extract<Tool, { type: 'tool-result' }>['output'];

/** A conversation of ours as one of the AI SDK. What came from there as an empty part becomes again what it was. */
export const promptOut = (messages: readonly Message[]): LanguageModelV4Prompt => messages.map(messageOut);

const messageOut = (message: Message): LanguageModelV4Message => {
  const options = optionsOut(message.providerMetadata);
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content, ...options };
    case 'user':
      return { role: 'user', content: message.content.map(userPart), ...options };
    case 'assistant':
      return { role: 'assistant', content: message.content.flatMap(assistantPart), ...options };
    case 'tool':
      return { role: 'tool', content: message.content.map(toolResult), ...options };
  }
};

/** Theirs take it as `providerOptions` on the way in. */
const optionsOut = (metadata: ProviderMetadata | undefined) => {
  const providerOptions = metadataOut(metadata);
  return providerOptions === undefined ? {} : { providerOptions: providerOptions as never };
};

const userPart = (part: TextPart | FilePart): User =>
  part.type === 'text'
    ? { type: 'text', text: part.text, ...optionsOut(part.providerMetadata) }
    : {
        type: 'file',
        mediaType: part.mediaType,
        data: fileOut(part.data),
        ...(part.filename !== undefined && { filename: part.filename }),
        ...optionsOut(part.providerMetadata),
      };

const assistantPart = (part: AssistantPart): Assistant[] => {
  const options = optionsOut(part.providerMetadata);
  switch (part.type) {
    case 'text':
      return textPart(part, options);
    case 'reasoning':
      return [{ type: 'reasoning', text: part.text, ...options }];
    case 'file': {
      const data = fileOut(part.data);
      if (bridged(part.providerMetadata)?.['kind'] === 'reasoning-file' && data.type !== 'reference')
        return [{ type: 'reasoning-file', mediaType: part.mediaType, data, ...options }];
      return [userPart(part) as Assistant];
    }
    case 'tool-call':
      return [{ ...callOut(part), ...options }];
    case 'source':
      // Sources repeat what the text cites; a prompt has no place for them.
      return [];
  }
};

const callOut = ({ toolCallId, toolName, input }: ToolCallPart) => ({
  type: 'tool-call' as const,
  toolCallId,
  toolName,
  input,
});

const textPart = (part: TextPart, options: object): Assistant[] => {
  const { kind, value } = bridged(part.providerMetadata) ?? {};
  if (part.text !== '' || kind === undefined) {
    if (part.text !== '' || part.providerMetadata === undefined)
      return [{ type: 'text', text: part.text, ...options }];
    return [{ type: 'custom', kind: BLOCK, ...options }];
  }
  const what = value as JsonObject;
  switch (kind) {
    case 'custom':
      return [{ type: 'custom', kind: what['kind'] as `${string}.${string}`, ...options }];
    case 'tool-call':
      return [{ ...(what as never as ToolCallPart), type: 'tool-call', providerExecuted: true, ...options }];
    case 'tool-result':
      return [
        {
          ...(what as never as { toolCallId: string; toolName: string; output: Output }),
          type: 'tool-result',
          ...options,
        },
      ];
    default:
      return [];
  }
};

const toolResult = (part: ToolResultPart): Tool => ({
  type: 'tool-result',
  toolCallId: part.toolCallId,
  toolName: part.toolName,
  output: outputOut(part.output),
  ...optionsOut(part.providerMetadata),
});

const outputOut = (output: ToolResultPart['output']): Output => {
  switch (output.type) {
    case 'content':
      return { type: 'content', value: output.value.map((part) => userPart(part)) };
    case 'execution-denied':
      return { type: 'execution-denied', ...(output.reason !== undefined && { reason: output.reason }) };
    default:
      return output as Output;
  }
};
