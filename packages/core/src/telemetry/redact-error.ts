import { MillraceError } from '../model/errors/millrace-error.js';
import { REDACTED } from './redact.js';

type Redact = (text: string) => string;

/** What lies deeper is hidden whole. */
const DEEPEST = 6;

/**
 * Hide the secrets in an error of ours: in its message, stack, details and every other field. The error is changed in
 * place, so that its class and identity stay. A foreign cause is replaced by a copy of its name, message, stack and
 * code: what else such an error carries, such as the headers of a request, cannot be searched reliably.
 */
export const redactError = (error: MillraceError, redact: Redact): MillraceError =>
  redactOurs(error, redact, 0);

const redactOurs = (error: MillraceError, redact: Redact, depth: number): MillraceError => {
  let changed = true;
  for (const key of Reflect.ownKeys(error)) {
    const value: unknown = Reflect.get(error, key);
    const safe =
      key === 'cause' ? redactCause(value, redact, depth + 1) : redactValue(value, redact, depth + 1);
    if (safe === value) continue;
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    changed &&= Reflect.defineProperty(error, key, {
      value: safe,
      enumerable,
      writable: true,
      configurable: true,
    });
  }
  // A frozen error cannot be cleaned; a new one says the same.
  return changed
    ? error
    : new MillraceError(error.code, redact(error.message), { retryable: error.retryable });
};

const redactCause = (cause: unknown, redact: Redact, depth: number): unknown => {
  if (depth > DEEPEST) return REDACTED;
  if (MillraceError.isInstance(cause)) return redactOurs(cause, redact, depth);
  if (!(cause instanceof Error)) return redactValue(cause, redact, depth);
  const { name, message, stack, cause: deeper, code } = cause as Error & { code?: unknown };
  const copy = new Error(redact(message));
  const facts = {
    name,
    stack: stack === undefined ? undefined : redact(stack),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(deeper !== undefined && { cause: redactCause(deeper, redact, depth + 1) }),
  };
  for (const [key, value] of Object.entries(facts)) {
    Object.defineProperty(copy, key, {
      value,
      enumerable: key === 'code',
      writable: true,
      configurable: true,
    });
  }
  return copy;
};

/** The same value when there is nothing to hide in it. */
const redactValue = (value: unknown, redact: Redact, depth: number): unknown => {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'function') return REDACTED;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return REDACTED;
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, redact, depth + 1));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isPlain(value)) return REDACTED;
  const entries = Object.entries(value);
  const safe = entries.map(([key, item]) => [redact(key), redactValue(item, redact, depth + 1)] as const);
  const same = safe.every(
    ([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1],
  );
  return same ? value : Object.fromEntries(safe);
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
