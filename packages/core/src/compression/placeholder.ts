import type { Message } from '../model/message.js';

/** Whether a message stands for turns that were left out, now or before. */
export const standsForTurns = (message: Message): boolean =>
  message.role === 'assistant' &&
  message.content.length === 1 &&
  message.content.every((part) => part.type === 'text' && PLACEHOLDER.test(part.text));

const PLACEHOLDER = /^\[ref:turns:\w+ [^[\]\n]{1,150}\]$/;
