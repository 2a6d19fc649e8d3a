import type { Message } from '../model/message.js';
import type { Draft } from './draft.js';
import { standsForTurns } from './placeholder.js';

/** Which turn each message belongs to, by index. */
export interface Turns {
  /** The number of the turn, counted from 1; 0 before the model spoke for the first time. */
  readonly of: readonly number[];
  /** The message can be left out, together with the other droppable ones of its turn. */
  readonly droppable: readonly boolean[];
}

/**
 * Counts the turns of a conversation. A turn can be left out if its calls and its results are all in it, and none of it
 * is kept text. User messages and system instructions are never left out.
 */
export const turnsOf = (draft: Draft): Turns => {
  const of: number[] = [];
  const ofTurn: { calls: Set<string>; results: Set<string>; kept: boolean }[] = [];
  let turn = 0;
  for (const entry of draft) {
    // What stands for turns that were left out before is none itself.
    if (entry.message.role === 'assistant' && !standsForTurns(entry.message)) turn++;
    of.push(turn);
    const state = ofTurn[turn] ?? { calls: new Set(), results: new Set(), kept: false };
    ofTurn[turn] = state;
    for (const id of callIds(entry.message)) state.calls.add(id);
    for (const id of resultIds(entry.message)) state.results.add(id);
    const { role } = entry.message;
    state.kept ||=
      (role === 'assistant' || role === 'tool') && entry.slots.some(({ hasKept }) => hasKept === true);
  }
  const whole = ofTurn.map(
    ({ calls, results, kept }) =>
      !kept && calls.size === results.size && [...calls].every((id) => results.has(id)),
  );
  return {
    of,
    droppable: draft.map((entry, index) => {
      const { role } = entry.message;
      return (
        (role === 'assistant' || role === 'tool') &&
        !standsForTurns(entry.message) &&
        whole[of[index] ?? 0] === true
      );
    }),
  };
};

const callIds = (message: Message): string[] =>
  message.role === 'assistant'
    ? message.content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []))
    : [];

const resultIds = (message: Message): string[] =>
  message.role === 'tool' ? message.content.map(({ toolCallId }) => toolCallId) : [];
