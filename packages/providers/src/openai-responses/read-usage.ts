import { type JsonObject, UNKNOWN_USAGE, type Usage } from '@millrace/core/model';
import { asCount, asObject } from '../transport/index.js';

interface WireUsage {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly input_tokens_details?: unknown;
  readonly output_tokens_details?: unknown;
}

interface WireDetails {
  readonly cached_tokens?: unknown;
  readonly cache_write_tokens?: unknown;
  readonly reasoning_tokens?: unknown;
}

/** The vendor's longer time for what was written; its usual one is half an hour. */
const LONG = '12h';

/** A count, or counts by how long the vendor keeps what was written. */
const written = (value: unknown): number | undefined => {
  const plain = asCount(value);
  if (plain !== undefined || typeof value !== 'object' || value === null) return plain;
  const counts = Object.values(value).flatMap((count) => asCount(count) ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

const writtenLong = (value: unknown): number | undefined => {
  const times = Object.entries(asObject<Record<string, unknown>>(value));
  return asCount(times.find(([time]) => time.includes(LONG))?.[1]);
};

/** Read a usage object. Cached and written tokens are part of the input, reasoning is part of the output. */
export const readUsage = (value: unknown): Usage => {
  if (typeof value !== 'object' || value === null) return UNKNOWN_USAGE;
  const usage: WireUsage = value;
  const details = asObject<WireDetails>(usage.input_tokens_details);
  const input = asCount(usage.input_tokens);
  const output = asCount(usage.output_tokens);
  const cacheRead = asCount(details.cached_tokens);
  const cacheWrite = written(details.cache_write_tokens);
  const cacheWriteLong = writtenLong(details.cache_write_tokens);
  const reasoning = asCount(asObject<WireDetails>(usage.output_tokens_details).reasoning_tokens);
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : Math.max(0, input - (cacheRead ?? 0) - (cacheWrite ?? 0)),
      cacheRead,
      cacheWrite,
      ...(cacheWriteLong !== undefined && { cacheWriteLong }),
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
