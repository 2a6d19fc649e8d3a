import type { JsonObject, JsonValue, ProviderMetadata } from '@millrace/core/model';
import { toBase64 } from '../transport/index.js';

/**
 * The metadata key under which the bridge keeps what only the AI SDK has a word for. It is never handed to a model of
 * the AI SDK nor to its caller: there everything stands in its own place again.
 */
const BRIDGE = 'aiSdk';

/** A value of the AI SDK as plain JSON, so that a conversation can be stored: URLs and bytes are marked. */
export const pack = (value: unknown): JsonValue | undefined => {
  if (value instanceof URL) return { $url: value.href };
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
  if (Array.isArray(value)) return value.map((item) => pack(item) ?? null);
  if (typeof value !== 'object' || value === null) return value as JsonValue | undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith('$') ? `$${key}` : key, pack(item)]),
  );
};

/** The value that {@link pack} was given. */
export const unpack = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unpack);
  if (typeof value !== 'object' || value === null) return value;
  const { $url, $bytes } = value as { $url?: unknown; $bytes?: unknown };
  if (typeof $url === 'string') return new URL($url);
  if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith('$') ? key.slice(1) : key, unpack(item)]),
  );
};

/** What the bridge keeps in metadata; empty when there is nothing. */
export const carriedIn = (metadata: ProviderMetadata | undefined): JsonObject => metadata?.[BRIDGE] ?? {};

/** Metadata with what the bridge has to keep; entries that are `undefined` do not count. */
export const carrying = (
  metadata: Readonly<Record<string, JsonObject>> | undefined,
  extra: JsonObject = {},
): { readonly providerMetadata?: ProviderMetadata } => {
  const own = withoutCarried(metadata);
  const kept = Object.entries(extra).filter(([, value]) => value !== undefined);
  if (kept.length === 0) return own === undefined ? {} : { providerMetadata: own };
  return { providerMetadata: { ...own, [BRIDGE]: Object.fromEntries(kept) } };
};

/** Metadata as the AI SDK may see it. */
const withoutCarried = (metadata: ProviderMetadata | undefined): Record<string, JsonObject> | undefined => {
  if (metadata === undefined || !(BRIDGE in metadata)) return metadata;
  const { [BRIDGE]: _, ...rest } = metadata;
  return Object.keys(rest).length === 0 ? undefined : rest;
};

/** Metadata as a part of a prompt has it. */
export const asOptions = (
  metadata: ProviderMetadata | undefined,
): { providerOptions?: Record<string, JsonObject> } => {
  const providerOptions = withoutCarried(metadata);
  return providerOptions === undefined ? {} : { providerOptions };
};

/** Metadata as a part of an answer has it. */
export const asMetadata = (
  metadata: ProviderMetadata | undefined,
): { providerMetadata?: Record<string, JsonObject> } => {
  const providerMetadata = withoutCarried(metadata);
  return providerMetadata === undefined ? {} : { providerMetadata };
};
