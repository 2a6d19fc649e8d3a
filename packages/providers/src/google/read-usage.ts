import { type JsonObject, UNKNOWN_USAGE, type Usage } from '@millrace/core/model';
import { asCount, asList, asObject } from '../transport/index.js';

/** Tokens of sound in counts by modality; `undefined` where there are none, which is nearly always. */
const audioIn = (details: unknown): number | undefined => {
  const counts = asList(details)
    .map((entry) => asObject<{ modality?: unknown; tokenCount?: unknown }>(entry))
    .flatMap(({ modality, tokenCount }) => (modality === 'AUDIO' ? (asCount(tokenCount) ?? []) : []));
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

/**
 * Read a usage object. What was thought is beside the answer's tokens and not among them; what tools put into the prompt
 * is beside the prompt; what the cache read is part of it. The vendor does not tell of cache writes.
 */
export const readUsage = (value: JsonObject | undefined): Usage => {
  if (value === undefined) return UNKNOWN_USAGE;
  const prompt = asCount(value['promptTokenCount']);
  const toolPrompt = asCount(value['toolUsePromptTokenCount']);
  const cacheRead = asCount(value['cachedContentTokenCount']);
  const answer = asCount(value['candidatesTokenCount']);
  const thoughts = asCount(value['thoughtsTokenCount']);
  const audio = audioIn(value['promptTokensDetails']);
  const cacheReadAudio = audioIn(value['cacheTokensDetails']);
  const input = prompt === undefined ? undefined : prompt + (toolPrompt ?? 0);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : Math.max(0, input - (cacheRead ?? 0)),
      cacheRead,
      cacheWrite: undefined,
      // The details of the prompt hold those of the cache.
      ...(audio !== undefined && { audio: Math.max(0, audio - (cacheReadAudio ?? 0)) }),
      ...(cacheReadAudio !== undefined && { cacheReadAudio }),
    },
    outputTokens: {
      total: answer === undefined && thoughts === undefined ? undefined : (answer ?? 0) + (thoughts ?? 0),
      text: answer,
      reasoning: thoughts,
    },
    raw: value,
    estimated: false,
  };
};
