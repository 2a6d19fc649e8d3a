import { redactSecrets } from './redact.js';

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

const GRAVITY: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };
const SECRET_FIELD =
  /^(?:.*(?:authorization|cookie|passwords?|passphrase|secrets?|api[-_]?keys?)|(?:access|auth|bearer|refresh)?[-_]?token)$/i;

const plain = (key: string, value: unknown): unknown => {
  if (SECRET_FIELD.test(key) && value !== undefined && value !== null) return '[redacted]';
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause, ...rest } = value as Error & Record<string, unknown>;
  return { ...rest, name, message, stack, cause };
};

const toJson = (value: LogFields): string => {
  try {
    return JSON.stringify(value, plain);
  } catch {
    return JSON.stringify({
      time: value['time'],
      level: value['level'],
      message: value['message'],
      unserialisable: true,
    });
  }
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
      write(redactSecrets(toJson({ time: new Date(now()).toISOString(), level, message, ...fields })));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The same logger with every string of a line passed through `redact` first. */
export const redactingLogger = (logger: Logger, redact: (text: string) => string): Logger => {
  const clean = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return redact(value);
    if (typeof value !== 'object' || value === null || depth > 6) return value;
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    const entries =
      value instanceof Error ? Object.entries(plain('', value) as object) : Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, clean(plain(key, item), depth + 1)]));
  };
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void =>
      logger[level](clean(fields) as LogFields, redact(message));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
