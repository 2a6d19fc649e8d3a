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
  const ofTurn: { calls: string[]; results: string[]; kept: boolean }[] = [];
  let turn = 0;
  for (const entry of draft) {
    // What stands for turns that were left out before is none itself.
    if (entry.message.role === 'assistant' && !standsForTurns(entry.message)) turn++;
    of.push(turn);
    const state = ofTurn[turn] ?? { calls: [], results: [], kept: false };
    ofTurn[turn] = state;
    state.calls.push(...callIds(entry.message));
    state.results.push(...resultIds(entry.message));
    const { role } = entry.message;
    state.kept ||=
      (role === 'assistant' || role === 'tool') && entry.slots.some(({ hasKept }) => hasKept === true);
  }
  const whole = ofTurn.map(({ calls, results, kept }) => !kept && sameIds(calls, results));
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

/** As often in both: models that number their calls anew use an id several times. */
const sameIds = (calls: readonly string[], results: readonly string[]): boolean => {
  const sorted = results.toSorted();
  return calls.length === results.length && calls.toSorted().every((id, index) => id === sorted[index]);
};

const callIds = (message: Message): string[] =>
  message.role === 'assistant'
    ? message.content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []))
    : [];

const resultIds = (message: Message): string[] =>
  message.role === 'tool' ? message.content.map(({ toolCallId }) => toolCallId) : [];
