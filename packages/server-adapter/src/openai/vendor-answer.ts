import type { JsonObject, JsonValue, ProviderMetadata } from '@millrace/core/model';

const find = (metadata: ProviderMetadata | undefined, ...names: readonly string[]): JsonValue | undefined => {
  for (const provider in metadata) {
    for (const name of names) {
      const value = metadata[provider]?.[name];
      if (value !== undefined && value !== null) return value;
    }
  }
  return undefined;
};

/** Log probabilities in OpenAI's form, whichever provider attached them. */
export const findLogprobs = (metadata: ProviderMetadata | undefined): JsonObject | undefined => {
  const found = find(metadata, 'logprobs');
  if (typeof found !== 'object' || found === null) return undefined;
  return Array.isArray(found) ? { content: found, refusal: null } : (found as JsonObject);
};

/** What an OpenAI-like vendor says of the whole answer. */
export const answerFields = (metadata: ProviderMetadata | undefined): JsonObject => {
  const tier = find(metadata, 'serviceTier', 'service_tier');
  const fingerprint = find(metadata, 'systemFingerprint', 'system_fingerprint');
  return {
    ...(tier !== undefined && { service_tier: tier }),
    ...(fingerprint !== undefined && { system_fingerprint: fingerprint }),
  };
};
