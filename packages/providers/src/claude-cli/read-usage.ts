import { type JsonValue, UNKNOWN_USAGE, type Usage } from '@millrace/core/model';
import { asCount, asObject, isObject } from '../transport/index.js';
import type { WireResult } from './wire.js';

/** Adds up a figure that a process reports as its total so far. */
export interface CumulativeCost {
  add(total: unknown): void;
  /** US dollars; `undefined` when nothing was reported. */
  sum(): number | undefined;
}

/** Start adding up. A figure lower than the one before it stands for itself: the count began anew. */
export const createCumulativeCost = (): CumulativeCost => {
  let last = 0;
  let sum: number | undefined;
  return {
    add(value) {
      const total = asCount(value);
      if (total === undefined) return;
      sum = (sum ?? 0) + (total >= last ? total - last : total);
      last = total;
    },
    sum: () => sum,
  };
};

interface ModelCounts {
  readonly inputTokens?: unknown;
  readonly outputTokens?: unknown;
  readonly cacheReadInputTokens?: unknown;
  readonly cacheCreationInputTokens?: unknown;
  readonly thinkingTokens?: unknown;
}

interface MainCounts {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
  readonly output_tokens_details?: unknown;
}

type Counts = Readonly<
  Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning', number | undefined>
>;

const countsOfModel = (value: unknown): Counts => {
  const counts = asObject<ModelCounts>(value);
  return {
    input: asCount(counts.inputTokens),
    output: asCount(counts.outputTokens),
    cacheRead: asCount(counts.cacheReadInputTokens),
    cacheWrite: asCount(counts.cacheCreationInputTokens),
    reasoning: asCount(counts.thinkingTokens),
  };
};

const countsOfMain = (value: unknown): Counts => {
  const counts = asObject<MainCounts>(value);
  const details = asObject<{ thinking_tokens?: unknown }>(counts.output_tokens_details);
  return {
    input: asCount(counts.input_tokens),
    output: asCount(counts.output_tokens),
    cacheRead: asCount(counts.cache_read_input_tokens),
    cacheWrite: asCount(counts.cache_creation_input_tokens),
    reasoning: asCount(details.thinking_tokens),
  };
};

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);

/**
 * Read the usage of a whole run from its last result. `modelUsage` holds all that the process has used so far, each
 * model once, sub-agents included; `usage` is of the main conversation alone, and counts where the other is missing.
 */
export const readUsage = ({ usage, modelUsage, total_cost_usd }: WireResult): Usage => {
  const models = Object.values(asObject<Record<string, unknown>>(modelUsage)).map(countsOfModel);
  if (models.length === 0 && !isObject(usage)) return UNKNOWN_USAGE;
  const [first = countsOfMain(usage), ...others] = models;
  const all = others.reduce<Counts>(
    (sum, one) => ({
      input: add(sum.input, one.input),
      output: add(sum.output, one.output),
      cacheRead: add(sum.cacheRead, one.cacheRead),
      cacheWrite: add(sum.cacheWrite, one.cacheWrite),
      reasoning: add(sum.reasoning, one.reasoning),
    }),
    first,
  );
  const { input, output, cacheRead, cacheWrite, reasoning } = all;
  return {
    inputTokens: {
      total: input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0),
      noCache: input,
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : Math.max(0, output - (reasoning ?? 0)),
      reasoning,
    },
    raw: {
      ...(isObject(usage) && { usage }),
      ...(isObject(modelUsage) && { modelUsage }),
      total_cost_usd: total_cost_usd as JsonValue,
    },
    estimated: false,
  };
};
