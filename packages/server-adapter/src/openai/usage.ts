import type { JsonObject, JsonValue, Usage } from '@millrace/core/model';

const objectOr = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/**
 * Usage in OpenAI's words: `prompt_tokens` includes cached ones, `completion_tokens` includes reasoning. Details that
 * only the vendor knows are handed on. `undefined` when nothing at all is known: zero would be a lie.
 */
export const toCompletionUsage = ({ inputTokens, outputTokens, raw }: Usage): JsonObject | undefined => {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  const prompt = inputTokens.total ?? 0;
  const completion = outputTokens.total ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      ...objectOr(raw?.['prompt_tokens_details']),
      cached_tokens: inputTokens.cacheRead ?? 0,
      ...(inputTokens.cacheWrite !== undefined && { cache_write_tokens: inputTokens.cacheWrite }),
    },
    completion_tokens_details: {
      ...objectOr(raw?.['completion_tokens_details']),
      reasoning_tokens: outputTokens.reasoning ?? 0,
    },
  };
};
