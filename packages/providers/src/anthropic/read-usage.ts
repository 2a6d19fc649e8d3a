import { type JsonObject, UNKNOWN_USAGE, type Usage } from '@millrace/core/model';
import { asCount, asList, asObject } from '../transport/index.js';

interface WireUsage {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  /** What was written, by how long it is kept. */
  readonly cache_creation?: unknown;
  readonly server_tool_use?: unknown;
  readonly output_tokens_details?: unknown;
  readonly iterations?: unknown;
}

interface Counts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly cacheWriteLong: number | undefined;
}

const countsOf = (usage: WireUsage): Counts => ({
  input: asCount(usage.input_tokens),
  output: asCount(usage.output_tokens),
  cacheRead: asCount(usage.cache_read_input_tokens),
  cacheWrite: asCount(usage.cache_creation_input_tokens),
  cacheWriteLong: asCount(
    asObject<{ ephemeral_1h_input_tokens?: unknown }>(usage.cache_creation).ephemeral_1h_input_tokens,
  ),
});

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);

/**
 * Counts of an answer that took several runs of a model. Runs that compact the conversation, and those that go on
 * after it, are all paid for. An adviser bills at another model's price and is left to `raw`; after a fall-back the
 * figures on top are those of the model that answered.
 */
const wholeCounts = (usage: WireUsage): Counts => {
  const runs = asList(usage.iterations).map((run) => asObject<WireUsage & { type?: unknown }>(run));
  const counted = runs.filter(({ type }) => type === 'message' || type === 'compaction');
  if (counted.length === 0 || runs.some(({ type }) => type === 'fallback_message')) return countsOf(usage);
  return counted.map(countsOf).reduce((sum, run) => ({
    input: add(sum.input, run.input),
    output: add(sum.output, run.output),
    cacheRead: add(sum.cacheRead, run.cacheRead),
    cacheWrite: add(sum.cacheWrite, run.cacheWrite),
    cacheWriteLong: add(sum.cacheWriteLong, run.cacheWriteLong),
  }));
};

/** Read a usage object. The vendor counts what its cache read and wrote beside the input, so the total is their sum. */
export const readUsage = (value: JsonObject | undefined): Usage => {
  if (value === undefined) return UNKNOWN_USAGE;
  const { input, output, cacheRead, cacheWrite, cacheWriteLong } = wholeCounts(value);
  const details = asObject<{ thinking_tokens?: unknown }>((value as WireUsage).output_tokens_details);
  const reasoning = asCount(details.thinking_tokens);
  const tools = asObject<{ web_search_requests?: unknown }>((value as WireUsage).server_tool_use);
  const webSearches = asCount(tools.web_search_requests);
  return {
    inputTokens: {
      total: input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0),
      noCache: input,
      cacheRead,
      cacheWrite,
      ...(cacheWriteLong !== undefined && { cacheWriteLong }),
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : Math.max(0, output - (reasoning ?? 0)),
      reasoning,
    },
    ...(webSearches !== undefined && { webSearches }),
    raw: value,
    estimated: false,
  };
};
