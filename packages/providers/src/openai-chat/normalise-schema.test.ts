import type { JsonSchema } from '@millrace/core/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseSchema } from './normalise-schema.js';

const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.record({ type: fc.constantFrom('string', 'number', 'boolean', 'null') }),
    fc.record({ type: fc.constant('string'), pattern: fc.constantFrom('^a+$', '(?!b)c', '(?<=d)e') }),
    fc.record({
      allOf: fc.array(fc.oneof(tie('schema'), fc.constant({ $ref: '#/$defs/A' })), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
        required: fc.subarray(['a', 'b', 'c']),
        propertyNames: fc.constant({ pattern: 'x' }),
        additionalProperties: fc.boolean(),
      },
      { requiredKeys: ['type', 'properties'] },
    ),
  ) as fc.Arbitrary<JsonSchema>,
}));

test('a schema that was normalised once is normalised, and the one given is left as it was', () => {
  fc.assert(
    fc.property(anySchema, fc.boolean(), (schema, close) => {
      const before = JSON.stringify(schema);
      const once = normaliseSchema(schema, close);
      expect(JSON.stringify(schema)).toBe(before);
      const twice = normaliseSchema(once.schema, close);
      expect(twice.schema).toEqual(once.schema);
      expect(twice.warnings).toEqual([]);
      expect(twice.strictable).toBe(once.strictable);
    }),
    { numRuns: 1_000 },
  );
});

test('nothing that the vendor refuses is left anywhere', () => {
  fc.assert(
    fc.property(anySchema, (schema) => {
      const text = JSON.stringify(normaliseSchema(schema, true).schema);
      expect(text).not.toMatch(/"propertyNames"|\(\?<?[=!]/);
    }),
  );
});
