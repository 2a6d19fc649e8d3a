import { ConfigError, type JsonObject } from '@millrace/core/model';
import type { ClaudeCliOptions } from '../claude-cli/index.js';

const TEXTS: readonly string[] = ['command', 'workingDirectory'];

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/**
 * The `options` of a provider of the type `claude-cli`: `command`, `workingDirectory` and `tools`.
 *
 * @throws ConfigError for a setting that does not exist or is of another type.
 */
export const claudeCliSettings = (
  id: string,
  options: JsonObject = {},
): Pick<ClaudeCliOptions, 'command' | 'workingDirectory' | 'tools'> => {
  for (const [name, value] of Object.entries(options)) {
    const wanted = TEXTS.includes(name) ? 'a text' : name === 'tools' ? 'a list of names' : undefined;
    const fits = name === 'tools' ? isTexts(value) : typeof value === 'string' && value !== '';
    if (wanted !== undefined && fits) continue;
    const what =
      wanted === undefined ? 'does not exist; use command, workingDirectory or tools' : `must be ${wanted}`;
    throw new ConfigError(`options.${name} of the provider "${id}" ${what}.`, { key: `options.${name}` });
  }
  return options as Pick<ClaudeCliOptions, 'command' | 'workingDirectory' | 'tools'>;
};
