import { MillraceError, type MillraceErrorOptions } from './millrace-error.js';

/** Where in a configuration something is wrong. */
export interface ConfigErrorOptions extends MillraceErrorOptions {
  /** The file, as the caller named it. */
  readonly file?: string | undefined;
  /** 1-based. */
  readonly line?: number | undefined;
  /** The path of the key, such as `providers[1].baseUrl`. */
  readonly key?: string | undefined;
}

/** A configuration file or option is wrong. Code `INVALID_CONFIG`. */
export class ConfigError extends MillraceError {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly key: string | undefined;

  constructor(message: string, options: ConfigErrorOptions = {}) {
    super('INVALID_CONFIG', message, options);
    this.file = options.file;
    this.line = options.line;
    this.key = options.key;
  }

  static override isInstance(value: unknown): value is ConfigError {
    return MillraceError.isInstance(value) && value.code === 'INVALID_CONFIG' && 'key' in value;
  }
}
