import type { Message, UserMessage } from '../../model/message.js';
import type { ModelRequest } from '../../model/model-request.js';

/** What the classifier reads of a request. */
export interface Conversation {
  /** The newest message of the user. */
  readonly newest: string;
  /** The messages of the user before it, the latest first; at most {@link EARLIER_MESSAGES}. */
  readonly earlier: readonly string[];
  readonly system: string;
  readonly userTurns: number;
  readonly toolResults: number;
  readonly images: number;
  /** Characters of all texts. */
  readonly characters: number;
}

const EARLIER_MESSAGES = 3;

const textOf = ({ content }: UserMessage): string => {
  const [only] = content;
  if (content.length === 1 && only?.type === 'text') return only.text;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
};

const lengthOf = (message: Message): number => {
  if (message.role === 'system') return message.content.length;
  let length = 0;
  for (const part of message.content) {
    if (part.type === 'text' || part.type === 'reasoning') length += part.text.length;
    else if (part.type === 'tool-call') length += part.inputText?.length ?? 0;
    else if (part.type === 'tool-result' && typeof part.output === 'object' && 'value' in part.output) {
      if (typeof part.output.value === 'string') length += part.output.value.length;
    }
  }
  return length;
};

const isImage = (part: UserMessage['content'][number]): boolean =>
  part.type === 'file' && part.mediaType.startsWith('image/');

/** Gathers what there is to read, in one pass over the messages. */
export const conversationOf = ({ messages }: ModelRequest): Conversation => {
  const users: UserMessage[] = [];
  const system: string[] = [];
  let toolResults = 0;
  let images = 0;
  let characters = 0;
  for (const message of messages) {
    characters += lengthOf(message);
    if (message.role === 'system') system.push(message.content);
    else if (message.role === 'tool') toolResults += message.content.length;
    else if (message.role === 'user') {
      users.push(message);
      for (const part of message.content) if (isImage(part)) images += 1;
    }
  }
  const newest = users.at(-1);
  return {
    newest: newest === undefined ? '' : textOf(newest),
    earlier: users
      .slice(-1 - EARLIER_MESSAGES, -1)
      .reverse()
      .map(textOf),
    system: system.join('\n'),
    userTurns: users.length,
    toolResults,
    images,
    characters,
  };
};
