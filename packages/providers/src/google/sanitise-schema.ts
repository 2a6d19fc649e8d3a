import type { JsonObject, JsonSchema, JsonValue } from '@millrace/core/model';

/** A schema without `const`, which the vendor does not know: a list of one value says the same. */
export const sanitiseSchema = (schema: JsonSchema): JsonSchema => clean(schema as JsonObject) as JsonSchema;

/** Keywords whose value is data, not schema. */
const DATA: readonly string[] = ['enum', 'const', 'default', 'examples', 'required'];

const clean = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map((one) => clean(one as JsonValue));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, JsonValue> = {};
  for (const [name, entry] of Object.entries(value as JsonObject)) {
    if (entry === undefined || name === '$schema') continue;
    if (name === 'const') result['enum'] = [entry];
    else if (name === 'properties') result[name] = cleanEach(entry as JsonObject);
    else result[name] = DATA.includes(name) ? entry : clean(entry);
  }
  return result;
};

/** A property may be named as a keyword is. */
const cleanEach = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, clean(one as JsonValue)]));
