import type { FinishReason, ModelEvent, Usage } from '@millrace/core/model';

/** Usage with only the totals known. */
export const usageOf = (input: number, output: number): Usage => ({
  inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: output, text: output, reasoning: undefined },
  estimated: false,
});

/** The beginning of every answer. */
export const begin: readonly ModelEvent[] = [
  { type: 'stream-start', warnings: [] },
  {
    type: 'response-metadata',
    id: 'chatcmpl-vendor',
    modelId: 'one-2026-01-01',
    timestamp: 1_700_000_000_000,
  },
];

/** The end of every answer. */
export const finish = (finishReason: FinishReason = 'stop', usage: Usage = usageOf(3, 5)): ModelEvent => ({
  type: 'finish',
  finishReason,
  usage,
});

/** A whole answer of text, in the given pieces. */
export const textAnswer = (...pieces: readonly string[]): readonly ModelEvent[] => [
  ...begin,
  { type: 'text-start', id: 't' },
  ...pieces.map((delta): ModelEvent => ({ type: 'text-delta', id: 't', delta })),
  { type: 'text-end', id: 't' },
  finish(),
];
