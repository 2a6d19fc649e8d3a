import type { FinishReason } from '@millrace/core/model';

const KNOWN: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
};

/**
 * Why the model stopped. Some servers say `stop` when there are tool calls, and OpenAI says `stop` after a refusal:
 * what the answer holds decides.
 */
export const toFinishReason = (
  raw: string,
  holds: { readonly toolCalls: boolean; readonly refusal: boolean },
): FinishReason => {
  const reason = KNOWN[raw] ?? 'other';
  if (reason !== 'stop' && reason !== 'other') return reason;
  if (holds.toolCalls) return 'tool-calls';
  return holds.refusal ? 'content-filter' : reason;
};
