import type { AssistantMessage } from '../model/message.js';
import type { StageContext } from './compression-stage.js';
import { type Draft, type DraftMessage, slotText } from './draft.js';
import { measureMessage } from './measure-message.js';
import type { BlockNames } from './reference.js';
import { writeMessage } from './write-draft.js';

/** No placeholder is longer, in tokens. */
export const PLACEHOLDER_TOKENS = 60;

/** Puts one message of the model in the place of neighbouring ones that are left out, where that is shorter. */
export const leaveOut = (
  draft: Draft,
  whole: Draft,
  isLeftOut: (index: number) => boolean,
  { names, count }: StageContext,
): DraftMessage[] => {
  const result: DraftMessage[] = [];
  for (let from = 0; from < draft.length; ) {
    let to = from;
    while (to < draft.length && isLeftOut(to)) to++;
    const entries = draft.slice(from, Math.max(to, from + 1));
    const instead = to > from ? placeholder(whole.slice(from, to), names) : undefined;
    if (instead !== undefined && isShorter(instead.text, entries, count)) result.push(instead.entry);
    else result.push(...entries);
    from += entries.length;
  }
  return result;
};

const isShorter = (text: string, messages: Draft, count: (text: string) => number): boolean => {
  const total = (measure: (text: string) => number): number =>
    messages.reduce((sum, entry) => sum + measureMessage(writeMessage(entry), measure), 0);
  return text.length < total(({ length }) => length) && count(text) < total(count);
};

const said = (messages: Draft): string => messages.flatMap(({ slots }) => slots.map(slotText)).join('\n');

const placeholder = (messages: Draft, names: BlockNames): { text: string; entry: DraftMessage } => {
  const id = names(said(messages));
  const turns = messages.filter(({ message }) => message.role === 'assistant').length;
  const text = `[ref:turns:${id} ${turns} earlier ${turns === 1 ? 'turn' : 'turns'} left out${toolCounts(messages)}]`;
  const message: AssistantMessage = { role: 'assistant', content: [{ type: 'text', text }] };
  const pieces = [{ kind: 'found', id, text, original: text } as const];
  const slots = [{ path: ['content', 0, 'text'], access: 'shut', pieces } as const];
  return { text, entry: { message, slots, leftOut: { id, messages } } };
};

const MOST_TOOLS = 4;

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
