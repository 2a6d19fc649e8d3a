import { looksLikeSecret } from './secret-guard.js';

/** Where a value is in a configuration: keys and places in lists, from the outside in. */
export type KeyPath = readonly (string | number)[];

/**
 * A path as people write it: `providers[1].baseUrl`, `models["openai:gpt-4o"].price`. Empty for the whole file;
 * a key that looks like a secret is not shown.
 */
export const formatKeyPath = (path: KeyPath): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (looksLikeSecret(key)) return `${text}["…"]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');

/** The value at a path of plain data; undefined where there is none. */
export const valueAt = (data: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    data,
  );
