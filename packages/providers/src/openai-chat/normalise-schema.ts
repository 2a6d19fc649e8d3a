import type { JsonObject, JsonSchema, JsonValue, Warning } from '@millrace/core/model';

/** A schema as the vendor takes it, and what was changed. */
export interface NormalisedSchema {
  readonly schema: JsonSchema;
  readonly warnings: readonly Warning[];
  /** The vendor can hold the model to it: every object lists all its properties as required and allows no others. */
  readonly strictable: boolean;
}

const LOOKAROUND = /\(\?<?[=!]/;

/**
 * Bring a schema into what structured output and strict tools accept: no `propertyNames`, no pattern with lookaround,
 * no `allOf` around a single reference, and objects closed for other properties.
 *
 * @param close - Add `additionalProperties: false` to objects that say nothing of it.
 */
export const normaliseSchema = (schema: JsonSchema, close: boolean): NormalisedSchema => {
  const removed = new Set<string>();
  let strictable = true;

  const visitAll = (value: JsonValue | undefined): JsonValue | undefined =>
    Array.isArray(value) ? value.map((item) => visit(item)) : value;

  const visitEach = (value: JsonValue | undefined): JsonValue | undefined =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item ?? null)]))
      : value;

  const visit = (value: JsonValue): JsonValue => {
    if (!isObject(value)) return value;
    const { propertyNames, pattern, allOf, ...rest } = value;
    if (propertyNames !== undefined) removed.add('propertyNames');
    const keepPattern = typeof pattern === 'string' && !LOOKAROUND.test(pattern);
    if (pattern !== undefined && !keepPattern) removed.add('pattern with lookaround');
    // Looked at after what is in it, which may have become a single reference itself.
    const all = visitAll(allOf);
    const single = singleReference(all);
    if (all !== undefined && single === undefined) strictable = false;
    const node: Record<string, JsonValue | undefined> = {
      ...rest,
      ...(keepPattern && { pattern }),
      ...(single ?? (all !== undefined && { allOf: all })),
    };
    for (const key of ['anyOf', 'oneOf', 'prefixItems'])
      if (node[key] !== undefined) node[key] = visitAll(node[key]);
    for (const key of ['properties', '$defs', 'definitions', 'patternProperties']) {
      if (node[key] !== undefined) node[key] = visitEach(node[key]);
    }
    for (const key of ['items', 'not', 'contains', 'additionalProperties']) {
      const inner = node[key];
      if (inner !== undefined) node[key] = Array.isArray(inner) ? visitAll(inner) : visit(inner);
    }
    if (node['type'] === 'object' || node['properties'] !== undefined) checkObject(node);
    return node;
  };

  const checkObject = (node: Record<string, JsonValue | undefined>): void => {
    if (close) node['additionalProperties'] ??= false;
    if (node['additionalProperties'] !== false) strictable = false;
    const names = Object.keys(isObject(node['properties']) ? node['properties'] : {});
    const required = new Set(Array.isArray(node['required']) ? node['required'] : []);
    if (!names.every((name) => required.has(name))) strictable = false;
  };

  const normalised = visit(schema) as JsonSchema;
  const warnings = [...removed].map(
    (what): Warning => ({
      type: 'compatibility',
      feature: `JSON Schema ${what}`,
      details: 'It was left out before the schema was sent, so the vendor does not enforce it.',
    }),
  );
  return { schema: normalised, warnings, strictable };
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `allOf` with nothing but one local reference, as zod writes recursion, means that reference. */
const singleReference = (allOf: JsonValue | undefined): { readonly $ref: string } | undefined => {
  if (!Array.isArray(allOf) || allOf.length !== 1) return undefined;
  const [only] = allOf as readonly JsonValue[];
  if (!isObject(only) || typeof only['$ref'] !== 'string' || Object.keys(only).length > 1) return undefined;
  return { $ref: only['$ref'] };
};
