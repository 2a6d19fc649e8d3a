// The recorded conversations of ../shared/data/transcripts in Millrace's vocabulary.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AssistantPart, Message, ToolResultPart } from '@millrace/core';

export const TRANSCRIPTS = new URL('../../../shared/data/transcripts/', import.meta.url);
export const hasTranscripts = existsSync(TRANSCRIPTS);

/** One recorded conversation. */
export interface Transcript {
  readonly name: string;
  readonly messages: readonly Message[];
}

/** All of them; empty where the folder is not there. */
export const readTranscripts = (): Transcript[] =>
  hasTranscripts
    ? readdirSync(TRANSCRIPTS)
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({
          name: file.replace(/\.json$/, ''),
          messages: toMessages(JSON.parse(readFileSync(new URL(file, TRANSCRIPTS), 'utf8')).messages),
        }))
    : [];

/** What the OpenAI and Anthropic formats have between them. */
interface RecordedPart {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly RecordedPart[];
}

interface RecordedMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly RecordedPart[] | null;
  readonly tool_calls?: readonly { id?: string; function: { name: string; arguments: string } }[];
  readonly tool_call_id?: string;
  readonly name?: string;
}

const partsOf = (content: RecordedMessage['content'] | undefined): readonly RecordedPart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);

const textOf = (content: RecordedMessage['content'] | undefined): string =>
  partsOf(content)
    .map((part) => part.text ?? '')
    .join('\n');

const toMessages = (recorded: readonly RecordedMessage[]): Message[] => {
  const names = new Map<string, string>();
  let lastCalls: string[] = [];
  const result = (id: string, text: string): ToolResultPart => ({
    type: 'tool-result',
    toolCallId: id,
    toolName: names.get(id) ?? 'tool',
    output: { type: 'text', value: text },
  });
  const messages: Message[] = [];
  for (const [index, message] of recorded.entries()) {
    const parts = partsOf(message.content);
    if (message.role === 'system') messages.push({ role: 'system', content: textOf(message.content) });
    else if (message.role === 'assistant') {
      const content = parts.flatMap((part): AssistantPart[] => {
        if (part.type === 'thinking') {
          const providerMetadata = { anthropic: { signature: part.signature ?? '' } };
          return [{ type: 'reasoning', text: part.thinking ?? '', providerMetadata }];
        }
        if (part.type !== 'tool_use') return part.text ? [{ type: 'text', text: part.text }] : [];
        names.set(part.id ?? '', part.name ?? '');
        return [
          { type: 'tool-call', toolCallId: part.id ?? '', toolName: part.name ?? '', input: part.input },
        ];
      });
      lastCalls = [];
      for (const [order, call] of (message.tool_calls ?? []).entries()) {
        const id = call.id ?? `call-${index}-${order}`;
        names.set(id, call.function.name);
        lastCalls.push(id);
        content.push({
          type: 'tool-call',
          toolCallId: id,
          toolName: call.function.name,
          ...inputOf(call.function.arguments),
        });
      }
      if (content.length > 0) messages.push({ role: 'assistant', content });
    } else if (message.role === 'tool') {
      const id = message.tool_call_id ?? lastCalls.shift();
      const text = textOf(message.content);
      // One format writes what a console printed without a call for it.
      if (id === undefined) messages.push({ role: 'user', content: [{ type: 'text', text }] });
      else messages.push({ role: 'tool', content: [result(id, text)] });
    } else {
      const results = parts.filter((part) => part.type === 'tool_result');
      if (results.length > 0) {
        messages.push({
          role: 'tool',
          content: results.map((part) => result(part.tool_use_id ?? '', textOf(part.content))),
        });
      }
      const texts = parts.filter((part) => part.type === 'text');
      if (texts.length > 0) {
        messages.push({
          role: 'user',
          content: texts.map(({ text }) => ({ type: 'text', text: text ?? '' })),
        });
      }
    }
  }
  return messages;
};

const inputOf = (text: string): { input: unknown; inputText: string } => {
  try {
    return { input: JSON.parse(text), inputText: text };
  } catch {
    return { input: text, inputText: text };
  }
};

/** What part of a conversation's text tools and environments wrote. A console's output may be a user message. */
export const toolShare = ({ name, messages }: Transcript): number => {
  const isConsole = name.startsWith('sweagent-');
  let tools = 0;
  let all = 0;
  messages.forEach((message, index) => {
    const size = textLength(message);
    all += size;
    // The first user messages of those recordings are the task.
    if (message.role === 'tool' || (isConsole && message.role === 'user' && index > 2)) tools += size;
  });
  return tools / all;
};

const textLength = ({ content }: Message): number => {
  if (typeof content === 'string') return content.length;
  let length = 0;
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') length += part.text.length;
    else if (part.type === 'tool-call') length += JSON.stringify(part.input).length;
    else if (part.type === 'tool-result' && part.output.type === 'text') length += part.output.value.length;
  }
  return length;
};
