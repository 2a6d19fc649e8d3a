import { REDACTED } from './redact.js';

/** What lies deeper in a field is left out. */
const DEEPEST = 6;
const SECRET_FIELD =
  /^(?:.*(?:authorization|cookie|passwords?|passphrase|secrets?|api[-_]?keys?)|(?:access|auth|bearer|refresh)?[-_]?token)$/i;

/**
 * A copy of a log line's fields that JSON can hold, with every string passed through `redact`, and fields that are named
 * like a secret hidden whole. Strings are cleaned here, before they are escaped: an escape such as `\n` would glue a letter
 * to a key that follows it.
 */
export const cleanFields = (fields: unknown, redact: (text: string) => string): unknown => {
  const clean = (value: unknown, above: readonly unknown[]): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (above.includes(value)) return '[circular]';
    if (above.length > DEEPEST) return '[too deep]';
    const path = [...above, value];
    if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON(), path);
    if (Array.isArray(value)) return value.map((item) => clean(item, path));
    const entries = Object.entries(value instanceof Error ? plainError(value) : value);
    return Object.fromEntries(
      entries.map(([key, item]) => [redact(key), isSecret(key, item) ? REDACTED : clean(item, path)]),
    );
  };
  return clean(fields, []);
};

const isSecret = (key: string, value: unknown): boolean =>
  value !== undefined && value !== null && SECRET_FIELD.test(key);

const plainError = (error: Error): object => {
  const { name, message, stack, cause } = error;
  return { ...error, name, message, stack, cause };
};
