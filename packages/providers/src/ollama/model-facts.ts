import type { ModelInfo } from '@millrace/core/provider';
import { asCount, asList, asObject, asText } from '../transport/index.js';

/** What the server says of a model; a missing entry is not known. */
export interface OllamaFacts {
  /** Longest input plus output that the model was made for, in tokens. */
  readonly contextLength?: number | undefined;
  readonly tools?: boolean | undefined;
  readonly vision?: boolean | undefined;
  readonly thinking?: boolean | undefined;
}

/** Read an answer of `/api/show`. */
export const readFacts = (value: unknown): OllamaFacts => {
  const { model_info, capabilities } = asObject<{ model_info?: unknown; capabilities?: unknown }>(value);
  const length = Object.entries(asObject<Record<string, unknown>>(model_info)).find(([name]) =>
    name.endsWith('.context_length'),
  )?.[1];
  const known = Array.isArray(capabilities);
  const can = (what: string): boolean | undefined => (known ? capabilities.includes(what) : undefined);
  return {
    contextLength: asCount(length),
    tools: can('tools'),
    vision: can('vision'),
    thinking: can('thinking'),
  };
};

/** Models that run on the machine cost nothing; those that the server passes on to its cloud have no known price. */
export const readTags = (value: unknown): readonly ModelInfo[] =>
  asList(asObject<{ models?: unknown }>(value).models).flatMap((entry) => {
    const { name, remote_host, remote_model } = asObject<{
      name?: unknown;
      remote_host?: unknown;
      remote_model?: unknown;
    }>(entry);
    const id = asText(name);
    if (id === undefined) return [];
    const isRemote = asText(remote_host) !== undefined || asText(remote_model) !== undefined;
    return [
      { id, tier: 'economy', ...(!isRemote && { price: { input: 0, output: 0 } }) } satisfies ModelInfo,
    ];
  });
