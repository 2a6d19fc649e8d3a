import type { FinishReason } from '@millrace/core/model';

const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/**
 * OpenAI's word for it. A refusal that the model put into words ends with `stop` there: its clients take
 * `content_filter` for an answer that was cut off.
 */
export const toFinishReason = (reason: FinishReason, refused: boolean): string =>
  refused && reason === 'content-filter' ? 'stop' : NAMES[reason];
