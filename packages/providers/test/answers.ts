import { createFold, type ModelEvent, type Reply } from '@millrace/core/model';
import { createAnswerReader } from '../src/openai-chat/index.js';

/** The events of chunks, read as those of one stream. */
export const eventsOf = (chunks: readonly object[], reasoningTag?: string): ModelEvent[] => {
  const reader = createAnswerReader({ provider: 'test', model: 'm', reasoningTag });
  const events: ModelEvent[] = [];
  for (const chunk of chunks) reader.add(chunk, events);
  reader.end(events, false);
  return events;
};

/** The reply that events fold to. */
export const replyOf = (events: readonly ModelEvent[]): Reply => {
  const fold = createFold();
  for (const event of events) fold.add(event);
  return fold.reply();
};

/** A chunk with one choice. */
export const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'chatcmpl-1',
  model: 'gpt-test',
  created: 1_790_000_000,
  choices: [{ index: 0, delta, finish_reason: finish }],
});
