import type { JsonObject, JsonSchema, JsonValue } from '@millrace/core/model';

const LISTS: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS: readonly string[] = ['properties', 'patternProperties', '$defs', 'definitions'];
const ONE: readonly string[] = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];

/** Groups that look around or are named, references back, and classes of Unicode. */
const COMPLEX_PATTERN = /\(\?(?!:)|\\[1-9kpPuU]/;

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A schema without what makes the program give up on schemas and answer in prose: `format`, and patterns beyond plain
 * ones. They are told in words. What an answer may hold grows by it, so the caller's own check has the last word.
 */
export const prepareSchema = (schema: JsonSchema): JsonSchema => clean(schema) as JsonSchema;

const clean = (value: JsonValue): JsonValue => {
  if (!isRecord(value)) return value;
  const result: Record<string, JsonValue> = {};
  const words: string[] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined || name === '$schema') continue;
    const isComplex = name === 'pattern' && typeof entry === 'string' && COMPLEX_PATTERN.test(entry);
    if (isComplex || (name === 'format' && typeof entry === 'string')) words.push(`${name}: ${entry}`);
    else if (LISTS.includes(name) && Array.isArray(entry))
      result[name] = entry.map((one) => clean(one as JsonValue));
    else if (MAPS.includes(name) && isRecord(entry))
      result[name] = Object.fromEntries(
        Object.entries(entry).map(([key, one]) => [key, clean(one as JsonValue)]),
      );
    else result[name] = ONE.includes(name) ? clean(entry) : entry;
  }
  if (words.length === 0) return result;
  const said = typeof result['description'] === 'string' ? `${result['description']} ` : '';
  return { ...result, description: `${said}(${words.join('; ')})` };
};
