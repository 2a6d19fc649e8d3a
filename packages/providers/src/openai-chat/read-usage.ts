import { type JsonObject, UNKNOWN_USAGE, type Usage } from '@millrace/core/model';
import { asCount, asObject } from '../transport/index.js';

interface WireUsage {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly total_tokens?: unknown;
  readonly prompt_tokens_details?: unknown;
  readonly completion_tokens_details?: unknown;
  /** DeepSeek's name for cached tokens. */
  readonly prompt_cache_hit_tokens?: unknown;
}

interface WireDetails {
  readonly cached_tokens?: unknown;
  readonly cache_write_tokens?: unknown;
  readonly reasoning_tokens?: unknown;
  readonly audio_tokens?: unknown;
}

/**
 * Read a usage object. Cached and written tokens are part of the prompt, reasoning is part of the completion; servers
 * misreport, so no difference goes below zero.
 */
export const readUsage = (value: unknown): Usage => {
  if (typeof value !== 'object' || value === null) return UNKNOWN_USAGE;
  const usage: WireUsage = value;
  const prompt = asObject<WireDetails>(usage.prompt_tokens_details);
  const completion = asObject<WireDetails>(usage.completion_tokens_details);
  const input = asCount(usage.prompt_tokens);
  const cacheRead = asCount(prompt.cached_tokens) ?? asCount(usage.prompt_cache_hit_tokens);
  const cacheWrite = asCount(prompt.cache_write_tokens);
  const audio = asCount(prompt.audio_tokens);
  const reasoning = asCount(completion.reasoning_tokens);
  const output = wholeOutput(usage, input, reasoning);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : Math.max(0, input - (cacheRead ?? 0) - (cacheWrite ?? 0)),
      cacheRead,
      cacheWrite,
      ...(audio !== undefined && audio > 0 && { audio }),
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : Math.max(0, output - (reasoning ?? 0)),
      reasoning,
    },
    raw: value as JsonObject,
    estimated: false,
  };
};

/** xAI leaves the reasoning out of the completion's count and adds it to the total only. */
const wholeOutput = (usage: WireUsage, input: number | undefined, reasoning = 0): number | undefined => {
  const completion = asCount(usage.completion_tokens);
  const total = asCount(usage.total_tokens);
  if (completion === undefined || input === undefined || total === undefined || reasoning === 0)
    return completion;
  return total === input + completion + reasoning ? completion + reasoning : completion;
};
