import { cleanFields } from './clean-fields.js';
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
const toJson = (line: LogFields): string => {
  try {
    return JSON.stringify(cleanFields(line, redactSecrets));
  } catch {
    const { time, level, message } = line;
    return JSON.stringify(cleanFields({ time, level, message, unserialisable: true }, redactSecrets));
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
      const own = { time: new Date(now()).toISOString(), level, message };
      // Twice, so that the line's own facts go first and are not overwritten.
      write(toJson({ ...own, ...fields, ...own }));
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
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      try {
        logger[level](cleanFields(fields, redact) as LogFields, redact(message));
      } catch {
        // There is nowhere left to say so.
      }
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
