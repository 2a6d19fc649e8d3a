import type { FinishReason } from '@millrace/core/model';
import type { WireResponse } from './wire.js';

/** Why the answer ended. A call outranks a refusal: the caller can go on. */
export const toFinishReason = (
  raw: string | undefined,
  { status }: WireResponse,
  called: boolean,
  refused: boolean,
): FinishReason => {
  if (raw === 'max_output_tokens') return 'length';
  if (raw === 'content_filter') return 'content-filter';
  if (called) return 'tool-calls';
  if (refused) return 'content-filter';
  return raw === undefined && status !== 'incomplete' ? 'stop' : 'other';
};
