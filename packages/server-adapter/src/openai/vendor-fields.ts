import type { JsonObject, ProviderMetadata } from '@millrace/core/model';

/** The fields that are set. `undefined` when none is. */
const setFields = (fields: Readonly<Record<string, unknown>>): JsonObject | undefined => {
  let kept: Record<string, unknown> | undefined;
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    kept ??= {};
    kept[key] = value;
  }
  // They come out of a JSON body, so they are JSON.
  return kept as JsonObject | undefined;
};

/** Fields that only OpenAI-like vendors know, handed on as they are. */
export const vendorFields = (fields: Readonly<Record<string, unknown>>): ProviderMetadata | undefined => {
  const openai = setFields(fields);
  return openai === undefined ? undefined : { openai };
};
