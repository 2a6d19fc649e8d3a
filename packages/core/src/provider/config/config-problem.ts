import { ConfigError } from '../../model/errors/config-error.js';
import { formatKeyPath, type KeyPath } from './key-path.js';

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  readonly path: KeyPath;
  /** What is wrong and what to do, as the rest of a sentence that begins with the key. Holds no value of the file. */
  readonly message: string;
}

/** A problem and its line in the file. */
export interface LocatedProblem extends ConfigProblem {
  /** 1-based. */
  readonly line: number;
}

const describe = ({ path, message }: ConfigProblem): string => {
  const key = formatKeyPath(path);
  const sentence = key === '' ? message : `${key} ${message}`;
  return sentence.endsWith('?') ? sentence : `${sentence}.`;
};

/** All problems as one error; its `file`, `line` and `key` are those of the first. */
export const configErrorOf = (
  problems: readonly [LocatedProblem, ...LocatedProblem[]],
  file: string | undefined,
): ConfigError => {
  const ordered = [...problems].sort((left, right) => left.line - right.line);
  const first = ordered[0] ?? problems[0];
  const name = file ?? 'The configuration';
  const message =
    ordered.length === 1
      ? `${name}, line ${first.line}: ${describe(first)}`
      : [
          `${name} has ${ordered.length} problems:`,
          ...ordered.map((one) => `  line ${one.line}: ${describe(one)}`),
        ].join('\n');
  return new ConfigError(message, {
    file,
    line: first.line,
    key: first.path.length === 0 ? undefined : formatKeyPath(first.path),
    details: {
      problems: ordered.map((one) => ({
        line: one.line,
        key: formatKeyPath(one.path),
        message: one.message,
      })),
    },
  });
};
