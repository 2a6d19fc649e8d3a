import type { AssistantMessage } from '../model/message.js';
import { type Draft, type DraftMessage, slotText } from './draft.js';
import type { BlockNames } from './reference.js';

/** Puts one message of the model in the place of neighbouring ones that are left out. */
export const leaveOut = (
  draft: Draft,
  whole: Draft,
  isLeftOut: (index: number) => boolean,
  names: BlockNames,
): DraftMessage[] => {
  const result: DraftMessage[] = [];
  for (let from = 0; from < draft.length; ) {
    let to = from;
    while (to < draft.length && isLeftOut(to)) to++;
    const [entry] = draft.slice(from, from + 1);
    if (to === from) {
      if (entry !== undefined) result.push(entry);
      from++;
    } else {
      result.push(placeholder(whole.slice(from, to), names));
      from = to;
    }
  }
  return result;
};

const placeholder = (messages: Draft, names: BlockNames): DraftMessage => {
  const id = names.name(messages.flatMap(({ slots }) => slots.map(slotText)).join('\n'));
  const turns = messages.filter(({ message }) => message.role === 'assistant').length;
  const text = `[ref:turns:${id} ${turns} earlier ${turns === 1 ? 'turn' : 'turns'} left out${toolCounts(messages)}]`;
  const message: AssistantMessage = { role: 'assistant', content: [{ type: 'text', text }] };
  const pieces = [{ kind: 'found', id, text, original: text } as const];
  return {
    message,
    slots: [{ path: ['content', 0, 'text'], access: 'own', pieces }],
    leftOut: { id, messages },
  };
};

const MOST_TOOLS = 6;

/** `: Read 9 times, Bash 5 times`. */
const toolCounts = (messages: Draft): string => {
  const counts = new Map<string, number>();
  for (const { message } of messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) {
      if (part.type !== 'tool-call') continue;
      const name = part.toolName.replace(/[^\w.-]/g, '').slice(0, 16);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const listed = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_TOOLS);
  return listed.length === 0 ? '' : `: ${listed.map(([name, count]) => `${name} ${count}×`).join(', ')}`;
};
