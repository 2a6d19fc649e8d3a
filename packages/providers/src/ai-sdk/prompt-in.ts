import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import type {
  AssistantPart,
  FilePart,
  JsonValue,
  Message,
  TextPart,
  ToolResultOutput,
  ToolResultPart,
  UserPart,
  Warning,
} from '@millrace/core/model';
import { asJson, metadataIn } from './bridge-metadata.js';
import { fileIn, mediaTypeIn } from './files.js';

type Warn = (warning: Warning) => void;
type User = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];
type Assistant = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** A conversation of the AI SDK as ours. What has no place here travels as an empty text part that says what it was. */
export const promptIn = (prompt: LanguageModelV4Prompt, warn: Warn): Message[] =>
  prompt.flatMap((message) => messageIn(message, warn));

const messageIn = (message: LanguageModelV4Message, warn: Warn): Message[] => {
  const metadata = metadataIn(message.providerOptions);
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content, ...metadata }];
    case 'user':
      return [{ role: 'user', content: message.content.map(userPart), ...metadata }];
    case 'assistant':
      return [{ role: 'assistant', content: message.content.map(assistantPart), ...metadata }];
    case 'tool': {
      const content = message.content.flatMap((part): ToolResultPart[] => {
        if (part.type === 'tool-result') return [toolResult(part, warn)];
        const details = 'The answer to a request for approval was left out.';
        warn({ type: 'unsupported', feature: 'tool approval', details });
        return [];
      });
      return content.length === 0 ? [] : [{ role: 'tool', content, ...metadata }];
    }
  }
};

const filePart = (part: Extract<User, { type: 'file' }>): FilePart => ({
  type: 'file',
  mediaType: mediaTypeIn(part.mediaType),
  data: fileIn(part.data),
  ...(part.filename !== undefined && { filename: part.filename }),
  ...metadataIn(part.providerOptions),
});

const userPart = (part: User): UserPart =>
  part.type === 'text'
    ? { type: 'text', text: part.text, ...metadataIn(part.providerOptions) }
    : filePart(part);

/** An empty text part, for what we have no part for. */
export const block = (options: unknown, kind: string, value: unknown): TextPart => ({
  type: 'text',
  text: '',
  ...metadataIn(options, { kind, value: asJson(value) }),
});

const assistantPart = (part: Assistant): AssistantPart => {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, text: part.text, ...metadataIn(part.providerOptions) };
    case 'file':
      return filePart(part);
    case 'reasoning-file':
      return {
        type: 'file',
        mediaType: mediaTypeIn(part.mediaType),
        data: fileIn(part.data),
        ...metadataIn(part.providerOptions, { kind: 'reasoning-file' }),
      };
    case 'custom':
      // Ours, on its way back.
      if (part.kind === BLOCK) return { type: 'text', text: '', ...metadataIn(part.providerOptions) };
      return block(part.providerOptions, 'custom', { kind: part.kind });
    case 'tool-call': {
      const { toolCallId, toolName, input } = part;
      // What the vendor ran itself is nothing that somebody here has to run.
      if (part.providerExecuted === true)
        return block(part.providerOptions, 'tool-call', { toolCallId, toolName, input });
      return { type: 'tool-call', toolCallId, toolName, input, ...metadataIn(part.providerOptions) };
    }
    case 'tool-result': {
      const { toolCallId, toolName, output } = part;
      return block(part.providerOptions, 'tool-result', { toolCallId, toolName, output });
    }
  }
};

/** The kind under which a part of ours that has no text travels through the AI SDK. */
export const BLOCK = 'millrace.block';

type ForeignResult = {
  toolCallId: string;
  toolName: string;
  output: LanguageModelV4ToolResultOutput;
  providerOptions?: unknown;
};

const toolResult = (part: ForeignResult, warn: Warn): ToolResultPart => ({
  type: 'tool-result',
  toolCallId: part.toolCallId,
  toolName: part.toolName,
  output: outputIn(part.output, warn),
  ...metadataIn(
    part.providerOptions ?? ('providerOptions' in part.output ? part.output.providerOptions : undefined),
  ),
});

const outputIn = (output: LanguageModelV4ToolResultOutput, warn: Warn): ToolResultOutput => {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return { type: output.type, value: output.value };
    case 'json':
    case 'error-json':
      return { type: output.type, value: output.value as JsonValue };
    case 'execution-denied':
      return { type: 'execution-denied', ...(output.reason !== undefined && { reason: output.reason }) };
    case 'content':
      return {
        type: 'content',
        value: output.value.flatMap((part): (TextPart | FilePart)[] => {
          if (part.type !== 'custom') return [userPart(part)];
          warn({
            type: 'unsupported',
            feature: 'custom part in a tool result',
            details: 'It was left out.',
          });
          return [];
        }),
      };
  }
};
