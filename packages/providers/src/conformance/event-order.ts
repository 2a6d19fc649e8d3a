import type { ModelEvent } from '@millrace/core/model';
import { check } from './check.js';

type Opening = 'text-start' | 'reasoning-start' | 'tool-input-start';
const OPENINGS: Readonly<Record<string, Opening>> = {
  'text-delta': 'text-start',
  'text-end': 'text-start',
  'reasoning-delta': 'reasoning-start',
  'reasoning-end': 'reasoning-start',
  'tool-input-delta': 'tool-input-start',
  'tool-input-end': 'tool-input-start',
};

/**
 * The order that every answer keeps: `stream-start` first, `finish` last and only of a complete answer, blocks that open
 * before they grow and close before the end, calls behind their input, no id twice.
 *
 * @throws Error that says what is out of order.
 */
export const checkEventOrder = (events: readonly ModelEvent[], complete: boolean): void => {
  const open = new Map<string, Opening>();
  const used = new Set<string>();
  const calls = new Set<string>();
  for (const [index, event] of events.entries()) {
    const { type } = event;
    check(
      (type === 'stream-start') === (index === 0),
      `${type} is event number ${index}: stream-start comes first, once.`,
    );
    check(type !== 'finish' || index === events.length - 1, 'Something comes behind finish.');
    if (type === 'text-start' || type === 'reasoning-start' || type === 'tool-input-start') {
      check(!used.has(`${type} ${event.id}`), `${type} has the id "${event.id}" for the second time.`);
      used.add(`${type} ${event.id}`);
      open.set(`${type} ${event.id}`, type);
    }
    const opening = OPENINGS[type];
    if (opening !== undefined && 'id' in event) {
      check(
        open.has(`${opening} ${event.id}`),
        `${type} has the id "${event.id}" of a block that is not open.`,
      );
      if (type.endsWith('-end')) open.delete(`${opening} ${event.id}`);
    }
    if (type === 'tool-call') {
      const { toolCallId } = event;
      check(!calls.has(toolCallId), `There are two calls with the id "${toolCallId}".`);
      check(
        !open.has(`tool-input-start ${toolCallId}`),
        `The call "${toolCallId}" comes before the end of its input.`,
      );
      calls.add(toolCallId);
    }
  }
  const finished = events.at(-1)?.type === 'finish';
  check(
    finished === complete,
    complete ? 'The answer ends without finish.' : 'The call fails behind finish.',
  );
  if (complete) check(open.size === 0, `Blocks are open at the end: ${[...open.keys()].join(', ')}.`);
};
