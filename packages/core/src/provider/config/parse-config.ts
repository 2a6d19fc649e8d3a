import { type ConfigProblem, configErrorOf, type LocatedProblem } from './config-problem.js';
import type { MillraceConfig } from './millrace-config.js';
import { providerProblems } from './provider-problems.js';
import { type ConfigFormat, type ConfigSource, readSource } from './read-source.js';
import { schemaProblems } from './schema-problems.js';

/** Options of {@link parseConfig}. */
export interface ParseConfigOptions {
  readonly format: ConfigFormat;
  /** The file's name, for messages. */
  readonly file?: string | undefined;
}

const located = (source: ConfigSource, problems: readonly ConfigProblem[]): readonly LocatedProblem[] =>
  problems.map((problem) => ({ ...problem, line: source.lineOf(problem.path) }));

/**
 * Reads a configuration from text.
 *
 * @throws ConfigError that lists everything that is wrong, each with its line, its key and what to do. It never holds
 * a value of the file, which could be a key.
 */
export const parseConfig = (text: string, options: ParseConfigOptions): MillraceConfig => {
  const { format, file } = options;
  const read = readSource(text, format);
  if ('problem' in read) throw configErrorOf([read.problem], file);
  const { source } = read;
  const { config, problems } = schemaProblems(source.data);
  const [first, ...others] = located(source, [...problems, ...providerProblems(source.data)]);
  if (first !== undefined) throw configErrorOf([first, ...others], file);
  if (config === undefined) throw new TypeError('The schema refused a configuration without a reason.');
  return config;
};
