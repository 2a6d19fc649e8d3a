import type { JsonObject } from './json.js';

/**
 * What a vendor attached to a part, or should receive with it, by provider id: reasoning signatures, item ids,
 * cache hints. Parts carry it both ways, so a reply can be sent back without losing anything.
 */
export type ProviderMetadata = Readonly<Record<string, JsonObject>>;

/** Settings for one vendor only, by provider id. A provider reads its own entry and ignores the others. */
export type ProviderOptions = Readonly<Record<string, JsonObject>>;
