import type { JsonObject, JsonValue, ProviderMetadata } from '@millrace/core/model';

/** The name under which this bridge keeps what only one of the two sides has a place for. */
const BRIDGE = 'aiSdk';

/** Metadata of the other side: the same shape, by another type. */
type ForeignMetadata = Record<string, Record<string, unknown>>;

/** Theirs as ours. */
export const metadataIn = (
  metadata: unknown,
  more?: JsonObject,
): { readonly providerMetadata?: ProviderMetadata } => {
  const own = metadata as ProviderMetadata | undefined;
  if (more === undefined) return own === undefined ? {} : { providerMetadata: own };
  return { providerMetadata: { ...own, [BRIDGE]: { ...own?.[BRIDGE], ...more } } };
};

/** Ours as theirs, without what is the bridge's own. */
export const metadataOut = (metadata: ProviderMetadata | undefined): ForeignMetadata | undefined => {
  if (metadata === undefined) return undefined;
  const { [BRIDGE]: _, ...others } = metadata;
  return Object.keys(others).length === 0 ? undefined : (others as ForeignMetadata);
};

/** What the bridge left on a part. */
export const bridged = (metadata: ProviderMetadata | undefined): JsonObject | undefined => metadata?.[BRIDGE];

/** A value that JSON can hold; `undefined` where it cannot. */
export const asJson = (value: unknown): JsonValue | undefined => {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
};
