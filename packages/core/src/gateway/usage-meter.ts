import type { ModelEvent } from '../model/model-event.js';
import type { ModelRequest } from '../model/model-request.js';
import { UNKNOWN_USAGE, type Usage } from '../model/usage.js';
import { estimateRequestTokens, estimateTextTokens } from '../tokens/estimate-tokens.js';

/** Keeps what is needed to estimate a call's tokens, and estimates only when it must. */
export interface UsageMeter {
  add(event: ModelEvent): void;
  /** The vendor's figures, with estimates for the totals that it left out. A reported zero stays zero. */
  complete(usage: Usage): Usage;
  /** An estimate for a call that ended without figures, or with those of its input only. */
  partial(): Usage;
}

/** Start metering a call. */
export const createMeter = (request: ModelRequest): UsageMeter => {
  // Grown, not counted: most calls report their usage, and then this text is never looked at.
  let produced = '';
  /** What the vendor has counted before the end. */
  let counted = UNKNOWN_USAGE.inputTokens;
  /** Tool calls whose input came piece by piece and is counted already. */
  let streamedInputs: Set<string> | undefined;

  const complete = (usage: Usage): Usage => {
    const { inputTokens, outputTokens } = usage;
    if (inputTokens.total !== undefined && outputTokens.total !== undefined) return usage;
    return {
      ...usage,
      inputTokens: { ...inputTokens, total: inputTokens.total ?? estimateRequestTokens(request) },
      outputTokens: { ...outputTokens, total: outputTokens.total ?? estimateTextTokens(produced) },
      estimated: true,
    };
  };

  return {
    add(event) {
      switch (event.type) {
        case 'response-metadata':
          counted = event.inputTokens ?? counted;
          return;
        case 'text-delta':
        case 'reasoning-delta':
          produced += event.delta;
          return;
        case 'tool-input-delta':
          streamedInputs ??= new Set();
          streamedInputs.add(event.id);
          produced += event.delta;
          return;
        case 'tool-call':
          if (streamedInputs?.has(event.toolCallId) !== true) produced += event.input;
          return;
        default:
          return;
      }
    },
    complete,
    partial: () => complete({ ...UNKNOWN_USAGE, inputTokens: counted }),
  };
};
