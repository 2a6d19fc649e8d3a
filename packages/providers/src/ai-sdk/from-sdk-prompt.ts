import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { AssistantPart, Message, ToolMessage } from '@millrace/core/model';
import type { LossReport } from '../transport/index.js';
import { carrying, pack } from './carried.js';
import { fromSdkFile } from './files.js';
import { fromSdkToolResult } from './tool-output.js';

/**
 * A prompt of the AI SDK as messages of ours. What we have no word for is kept in metadata, and `losses` says what a
 * provider that is no model of the AI SDK leaves out.
 */
export const fromSdkPrompt = (prompt: LanguageModelV4Prompt, losses: LossReport): Message[] =>
  prompt.map((message) => fromSdkMessage(message, losses));

type SdkMessage<Role> = Extract<LanguageModelV4Message, { role: Role }>;
type SdkAssistantPart = SdkMessage<'assistant'>['content'][number];

const fromSdkMessage = (message: LanguageModelV4Message, losses: LossReport): Message => {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content, ...carrying(message.providerOptions) };
    case 'user':
      return {
        role: 'user',
        content: message.content.map((part) =>
          part.type === 'text'
            ? { type: 'text', text: part.text, ...carrying(part.providerOptions) }
            : fromSdkFile(part),
        ),
        ...carrying(message.providerOptions),
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.map((part) => fromSdkAssistantPart(part, losses)),
        ...carrying(message.providerOptions),
      };
    case 'tool':
      return fromSdkToolMessage(message, losses);
  }
};

const fromSdkAssistantPart = (part: SdkAssistantPart, losses: LossReport): AssistantPart => {
  switch (part.type) {
    case 'text': {
      const refusal = part.providerOptions?.['millrace']?.['refusal'] === true;
      return {
        type: 'text',
        text: part.text,
        ...(refusal && { refusal }),
        ...carrying(part.providerOptions),
      };
    }
    case 'reasoning':
      return { type: 'reasoning', text: part.text, ...carrying(part.providerOptions) };
    case 'file':
      return fromSdkFile(part);
    case 'tool-call':
      if (part.providerExecuted === true) return kept(part, 'tool call that a vendor ran itself', losses);
      return {
        type: 'tool-call',
        toolCallId: part.toolCallId,
        toolName: part.toolName,
        input: part.input,
        ...carrying(part.providerOptions),
      };
    case 'tool-result':
      return kept(part, 'tool result of a vendor', losses);
    case 'custom':
      return kept(part, `custom part ${part.kind}`, losses);
    case 'reasoning-file':
      return kept(part, 'file in reasoning', losses);
  }
};

/** An empty text, which vendors leave out, with the part beside it. */
const kept = (part: SdkAssistantPart, feature: string, losses: LossReport): AssistantPart => {
  losses.add('unsupported', feature, 'It was left out.');
  return { type: 'text', text: '', ...carrying(undefined, { part: pack(part) }) };
};

const fromSdkToolMessage = (message: SdkMessage<'tool'>, losses: LossReport): ToolMessage => {
  // Only results have a place in a tool message; the others are put back where they stood.
  const others = message.content.flatMap((part, index) =>
    part.type === 'tool-result' ? [] : [{ index, part: pack(part) ?? null }],
  );
  if (others.length > 0) losses.add('unsupported', 'answer to a request for approval', 'It was left out.');
  return {
    role: 'tool',
    content: message.content.flatMap((part) =>
      part.type === 'tool-result' ? [fromSdkToolResult(part, losses)] : [],
    ),
    ...carrying(message.providerOptions, { parts: others.length > 0 ? others : undefined }),
  };
};
