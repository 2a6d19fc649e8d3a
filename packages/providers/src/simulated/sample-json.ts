import type { JsonObject, JsonSchema, JsonValue } from '@millrace/core/model';

/** Deep enough for any schema that people write by hand; stops one that refers to itself. */
const DEEPEST = 12;
/** From here on lists are empty and choices end, so that a schema that refers to itself gets a value that fits. */
const DEEP = 4;
const WORD = 'simulated';

/** The smallest value that fits a JSON Schema, always the same one. Keywords that only narrow text patterns are not honoured. */
export const sampleJson = (schema: JsonSchema): JsonValue => sample(schema, schema, 0);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listed = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);

const numeric = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

const sample = (schema: JsonValue | undefined, root: JsonSchema, depth: number): JsonValue => {
  if (!isObject(schema) || depth > DEEPEST) return null;
  if (schema['const'] !== undefined) return schema['const'];
  const [given] = [...listed(schema['enum']), ...listed(schema['examples'])];
  if (given !== undefined) return given;
  if (schema['default'] !== undefined) return schema['default'];
  if (typeof schema['$ref'] === 'string') return sample(resolve(schema['$ref'], root), root, depth + 1);
  const choices = [...listed(schema['anyOf']), ...listed(schema['oneOf'])];
  const choice =
    (depth > DEEP ? choices.find((one) => isObject(one) && !('$ref' in one)) : undefined) ?? choices[0];
  if (choice !== undefined) return sample(choice, root, depth + 1);
  const all = listed(schema['allOf']).filter(isObject);
  if (all.length > 0) return sampleAll([...all, schema], root, depth);

  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, root, depth);
    case 'array':
      if (Array.isArray(schema['prefixItems']))
        return schema['prefixItems'].map((item) => sample(item, root, depth + 1));
      return Array.from({ length: numeric(schema['minItems']) ?? (depth > DEEP ? 0 : 1) }, () =>
        sample(schema['items'], root, depth + 1),
      );
    case 'string':
      return sampleText(schema);
    case 'number':
    case 'integer':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    default:
      return null;
  }
};

const typeOf = (schema: JsonObject): JsonValue | undefined => {
  const [first] = listed(schema['type']);
  return first ?? schema['type'] ?? (schema['properties'] === undefined ? undefined : 'object');
};

const sampleAll = (parts: readonly JsonObject[], root: JsonSchema, depth: number): JsonValue => {
  const merged: Record<string, JsonValue> = {};
  for (const { allOf: _, ...part } of parts) {
    const value = sample({ type: 'object', ...part }, root, depth + 1);
    if (isObject(value)) Object.assign(merged, value);
  }
  return merged;
};

const sampleObject = (schema: JsonObject, root: JsonSchema, depth: number): JsonValue => {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(listed(schema['required']));
  const value: Record<string, JsonValue> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (required.has(name)) value[name] = sample(property, root, depth + 1);
  }
  return value;
};

const sampleText = (schema: JsonObject): string => {
  const formats: Readonly<Record<string, string>> = {
    date: '2026-01-01',
    'date-time': '2026-01-01T00:00:00Z',
    time: '00:00:00Z',
    email: 'simulated@example.com',
    uri: 'https://example.com/',
    uuid: '00000000-0000-4000-8000-000000000000',
  };
  const format = schema['format'];
  const text = (typeof format === 'string' ? formats[format] : undefined) ?? WORD;
  return text.padEnd(numeric(schema['minLength']) ?? 0, '.').slice(0, numeric(schema['maxLength']));
};

const sampleNumber = (schema: JsonObject): number => {
  const exclusive = numeric(schema['exclusiveMinimum']);
  const least = numeric(schema['minimum']) ?? (exclusive === undefined ? undefined : exclusive + 1);
  const most = numeric(schema['maximum']) ?? numeric(schema['exclusiveMaximum']);
  return least ?? (most === undefined ? 1 : Math.min(1, most - 1));
};

const resolve = (reference: string, root: JsonSchema): JsonValue | undefined => {
  if (!reference.startsWith('#')) return undefined;
  let at: JsonValue | undefined = root;
  for (const step of reference.split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isObject(at) ? at[key] : Array.isArray(at) ? at[Number(key)] : undefined;
  }
  return at;
};
