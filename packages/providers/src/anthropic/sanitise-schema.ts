import type { JsonObject, JsonSchema, JsonValue } from '@millrace/core/model';

/** Limits on values that the vendor's grammar does not know; they are told in words instead. */
const IN_WORDS: readonly string[] = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];
const FORMATS: readonly string[] = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
];
const LISTS: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS: readonly string[] = ['properties', '$defs', 'definitions'];

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A schema that the vendor's grammar takes: limits go into the description, objects are closed. What an answer may
 * hold does not grow by it, so that a check against the caller's own schema still decides.
 */
export const sanitiseSchema = (schema: JsonSchema): JsonSchema => clean(schema) as JsonSchema;

const clean = (value: JsonValue): JsonValue => {
  if (!isRecord(value)) return value;
  const result: Record<string, JsonValue> = {};
  const words: string[] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    if (IN_WORDS.includes(name)) words.push(`${name}: ${JSON.stringify(entry)}`);
    else if (name === 'format' && !(typeof entry === 'string' && FORMATS.includes(entry)))
      words.push(`format: ${String(entry)}`);
    else if (LISTS.includes(name) && Array.isArray(entry))
      // `oneOf` is not in the grammar; `anyOf` lets through no less.
      result[name === 'oneOf' ? 'anyOf' : name] = entry.map((one) => clean(one as JsonValue));
    else if (MAPS.includes(name) && isRecord(entry))
      result[name] = Object.fromEntries(
        Object.entries(entry).map(([key, one]) => [key, clean(one as JsonValue)]),
      );
    else if (name === 'items') result[name] = clean(entry);
    else result[name] = entry;
  }
  if (result['type'] === 'object' || result['properties'] !== undefined)
    result['additionalProperties'] = false;
  if (words.length > 0) {
    const said = typeof result['description'] === 'string' ? `${result['description']} ` : '';
    result['description'] = `${said}(${words.join('; ')})`;
  }
  return result;
};

/** The vendor refuses more than 24, and its grammar runs out of time well before. */
const MOST_OPTIONAL = 10;

/**
 * Whether the vendor's grammar can hold an answer to a schema without losing anything: no recursion, not many
 * optional properties, and no open objects, which it would only ever leave empty.
 */
export const fitsGrammar = (schema: JsonSchema): boolean => {
  let optional = 0;
  const visit = (value: JsonValue | undefined, path: readonly JsonValue[]): boolean => {
    if (!isRecord(value)) return true;
    if (path.includes(value)) return false;
    const inside = [...path, value];
    const { $ref } = value;
    if (typeof $ref === 'string') {
      const target = resolve(schema, $ref);
      return target !== undefined && visit(target, inside);
    }
    if (value['patternProperties'] !== undefined || value['propertyNames'] !== undefined) return false;
    const open = value['additionalProperties'];
    if (open !== undefined && open !== false) return false;
    const properties = isRecord(value['properties']) ? value['properties'] : undefined;
    const isObject = value['type'] === 'object' || properties !== undefined;
    if (isObject && (properties === undefined || Object.keys(properties).length === 0)) return false;
    const required = Array.isArray(value['required']) ? value['required'] : [];
    optional += Object.keys(properties ?? {}).filter((name) => !required.includes(name)).length;
    const children = [
      ...Object.values(properties ?? {}),
      value['items'],
      ...LISTS.flatMap((name) => (Array.isArray(value[name]) ? value[name] : [])),
    ];
    return children.every((child) => visit(child as JsonValue | undefined, inside));
  };
  return visit(schema as JsonObject, []) && optional <= MOST_OPTIONAL;
};

const resolve = (root: JsonSchema, reference: string): JsonObject | undefined => {
  if (!reference.startsWith('#')) return undefined;
  let target: unknown = root;
  for (const step of reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    target = isRecord(target) ? target[name] : undefined;
  }
  return isRecord(target) ? target : undefined;
};
