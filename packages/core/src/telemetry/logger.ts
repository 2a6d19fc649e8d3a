import { REDACTED, redactSecrets } from './redact.js';

/** How grave a log line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts that go with a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. The shape is that of pino, so a pino logger fits as it is. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** How to build a {@link createLogger | logger}. */
export interface LoggerOptions {
  /** Lines of lower gravity are left out. Default: `info`. */
  readonly level?: LogLevel | undefined;
  /** Takes one line of JSON, without line end. Default: the console's error stream. */
  readonly write?: ((line: string) => void) | undefined;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What lies deeper in a field is left out. */
const DEEPEST = 6;
const GRAVITY: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };
const SECRET_FIELD =
  /^(?:.*(?:authorization|cookie|passwords?|passphrase|secrets?|api[-_]?keys?)|(?:access|auth|bearer|refresh)?[-_]?token)$/i;

const plain = (key: string, value: unknown): unknown => {
  if (SECRET_FIELD.test(key) && value !== undefined && value !== null) return REDACTED;
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause, ...rest } = value as Error & Record<string, unknown>;
  return { ...rest, name, message, stack, cause };
};

const toJson = (value: LogFields): string => {
  try {
    return JSON.stringify(value, safe);
  } catch {
    const { time, level, message } = value;
    return JSON.stringify({ time, level, message, unserialisable: true }, safe);
  }
};

/** Strings are cleaned before they are escaped: an escape such as `\\n` would glue a letter to a key that follows it. */
const safe = (key: string, value: unknown): unknown => {
  const shown = plain(key, value);
  return typeof shown === 'string' ? redactSecrets(shown) : shown;
};

/** A logger that writes one JSON object a line, with every secret hidden. */
export const createLogger = (options: LoggerOptions = {}): Logger => {
  const lowest = GRAVITY[options.level ?? 'info'];
  const write = options.write ?? ((line) => console.error(line));
  const now = options.now ?? Date.now;
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      if (GRAVITY[level] < lowest) return;
      const own = { time: new Date(now()).toISOString(), level, message };
      // Twice, so that the line's own facts go first and are not overwritten.
      write(redactSecrets(toJson({ ...own, ...fields, ...own })));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * The same logger with every string of a line passed through `redact` first. It never throws: a logger that fails must
 * not fail a call.
 */
export const redactingLogger = (logger: Logger, redact: (text: string) => string): Logger => {
  const clean = (value: unknown, above: readonly unknown[] = []): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value !== 'object' || value === null) return value;
    if (above.includes(value)) return '[circular]';
    if (above.length > DEEPEST) return '[too deep]';
    const path = [...above, value];
    if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON(), path);
    if (Array.isArray(value)) return value.map((item) => clean(item, path));
    const entries = Object.entries(plain('', value) as object);
    return Object.fromEntries(entries.map(([key, item]) => [redact(key), clean(plain(key, item), path)]));
  };
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      try {
        logger[level](clean(fields) as LogFields, redact(message));
      } catch {
        // There is nowhere left to say so.
      }
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
