/** The text at a path inside of a value; `undefined` where there is none. */
export const textAt = (value: unknown, path: readonly (string | number)[]): string | undefined => {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return typeof at === 'string' ? at : undefined;
};

/** The value with another text at a path. Only what lies on the path is copied; the same object where nothing changes. */
export const replaceAt = <T>(value: T, path: readonly (string | number)[], text: string): T =>
  replaced(value, path, 0, text) as T;

const replaced = (
  value: unknown,
  path: readonly (string | number)[],
  depth: number,
  text: string,
): unknown => {
  const key = path[depth];
  if (key === undefined) return text;
  const before = (value as Record<string | number, unknown>)[key];
  const after = replaced(before, path, depth + 1, text);
  if (after === before) return value;
  if (Array.isArray(value)) return value.with(Number(key), after);
  return { ...(value as object), [key]: after };
};
