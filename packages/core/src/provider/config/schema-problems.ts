import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { JsonSchema } from '../../model/json.js';
import { configJsonSchema } from './config-json-schema.js';
import type { ConfigProblem } from './config-problem.js';
import { configSchema } from './config-schema.js';
import { type KeyPath, valueAt } from './key-path.js';
import type { MillraceConfig } from './millrace-config.js';
import { isSecretName } from './secret-guard.js';

const SECRET_ADVICE =
  'must not be in the file. Put the key into an environment variable and name that variable in "apiKeyEnv"';

const kindOf = (value: unknown): string => {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  const kinds: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    object: 'a group of keys',
  };
  return kinds[typeof value] ?? 'of another kind';
};

const expectations: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
};

/** A schema that holds itself is written once and pointed to. */
const resolved = (schema: JsonSchema, root: JsonSchema): JsonSchema | undefined => {
  const pointer = schema['$ref'];
  if (typeof pointer !== 'string') return schema;
  const definitions = root['$defs'] as Readonly<Record<string, JsonSchema>> | undefined;
  return definitions?.[pointer.replace('#/$defs/', '')];
};

const inner = (
  schema: JsonSchema | undefined,
  key: string | number,
  root: JsonSchema,
): JsonSchema | undefined => {
  const found = step(schema, key);
  return found && resolved(found, root);
};

const step = (schema: JsonSchema | undefined, key: string | number): JsonSchema | undefined => {
  if (schema === undefined) return undefined;
  if (typeof key === 'number') return schema['items'] as JsonSchema | undefined;
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  const others = schema['additionalProperties'];
  return properties?.[key] ?? (typeof others === 'object' ? (others as JsonSchema) : undefined);
};

const knownKeys = (path: KeyPath): readonly string[] => {
  const root = configJsonSchema();
  const schema = path.reduce<JsonSchema | undefined>((outer, key) => inner(outer, key, root), root);
  return Object.keys((schema?.['properties'] as object | undefined) ?? {});
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');

const suggestion = (name: string, known: readonly string[]): string => {
  const [closest] = known
    .map((key) => ({ key, away: distance(plain(name), plain(key)) }))
    .sort((left, right) => left.away - right.away);
  return closest !== undefined &&
    closest.away < closest.key.length &&
    closest.away <= Math.max(2, Math.floor(closest.key.length / 3))
    ? `Did you mean "${closest.key}"?`
    : `Known keys here are ${known.join(', ')}`;
};

const unknownKey = (path: KeyPath, name: string): ConfigProblem => ({
  path: [...path, name],
  message: isSecretName(name) ? SECRET_ADVICE : `is not a known key. ${suggestion(name, knownKeys(path))}`,
});

// Messages of ours are the rest of a sentence; those of the library are sentences.
const ownMessage = (message: string): string | undefined => (/^must /.test(message) ? message : undefined);

const orMissing = (value: unknown, expected: string, addition = ''): string =>
  value === undefined ? `is missing; it ${expected}` : `${expected}${addition}`;

const toProblems = (issue: z.core.$ZodIssue, data: unknown): readonly ConfigProblem[] => {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const value = valueAt(data, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key));
    case 'invalid_type': {
      const expected =
        ownMessage(issue.message) ?? `must be ${expectations[issue.expected] ?? issue.expected}`;
      return [{ path, message: orMissing(value, expected, `, and is ${kindOf(value)}`) }];
    }
    case 'invalid_value': {
      const expected = ownMessage(issue.message) ?? `must be one of ${issue.values.map(String).join(', ')}`;
      return [{ path, message: orMissing(value, expected) }];
    }
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
};

/** What the schema finds, and the configuration where it finds nothing. */
export const schemaProblems = (
  data: unknown,
): { readonly config: MillraceConfig | undefined; readonly problems: readonly ConfigProblem[] } => {
  const result = configSchema.safeParse(data);
  return result.success
    ? { config: result.data, problems: [] }
    : { config: undefined, problems: result.error.issues.flatMap((issue) => toProblems(issue, data)) };
};
