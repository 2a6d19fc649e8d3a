import { sha256 } from '../internal/sha256.js';
import type { ModelRequest } from '../model/model-request.js';

/** Everything that an answer depends on. */
export interface CacheKeyParts {
  readonly provider: string;
  /** The request with the model that was decided on. */
  readonly request: ModelRequest;
  /** Who shares answers. */
  readonly scope: string;
  /** How much the prompt is made shorter before the model sees it. Default: `off`. */
  readonly compression?: string | undefined;
}

/** Changes when what is kept, or what the key covers, changes its meaning. */
const VERSION = 'millrace-cache-1';

/**
 * The name of an answer: a SHA-256 over everything that it depends on, in hexadecimal digits. The order of keys in
 * objects makes no difference; everything else does.
 *
 * @returns a promise where the runtime has no synchronous hash; `undefined` for a request that cannot be written down,
 * such as one that contains itself.
 */
export const cacheKey = ({
  provider,
  request,
  scope,
  compression = 'off',
}: CacheKeyParts): string | Promise<string> | undefined => {
  try {
    return sha256(canonical([VERSION, provider, scope, compression, request]));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const latin1 = new TextDecoder('latin1');
/** Characters. */
const LONG = 200;

/** Not yet in the library that the compiler knows. */
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/** Like JSON, with sorted keys; bytes are text in which each byte is one character. */
const canonical = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      // Long texts as they are, behind their length: writing them as JSON would cost as much as hashing them. Halves of
      // a character would all be hashed as the same one; JSON tells them apart.
      return value.length < LONG || !isWellFormed(value)
        ? JSON.stringify(value)
        : `text${value.length}:${value}`;
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `bytes${JSON.stringify(latin1.decode(value))}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return canonical(toJSON.call(value));
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonical(field)}`);
  }
  return `{${fields.join(',')}}`;
};
