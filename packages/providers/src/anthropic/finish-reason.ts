import type { FinishReason } from '@millrace/core/model';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
};

/** Our word for the vendor's. `pause_turn` and `compaction` are neither an end nor a failure: the turn can go on. */
export const toFinishReason = (raw: string): FinishReason => REASONS[raw] ?? 'other';
