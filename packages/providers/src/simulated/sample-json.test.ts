import type { JsonSchema } from '@millrace/core/model';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sampleJson } from './sample-json.js';

interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  value: z.number(),
  get children() {
    return z.array(tree);
  },
});
const maybe = z.object({
  name: z.string(),
  get next() {
    return maybe.nullable();
  },
}) as z.ZodType;

describe('the sample of a schema', () => {
  test.each<[string, z.ZodType]>([
    ['an object with optional fields', z.object({ a: z.string(), b: z.number().optional(), c: z.boolean() })],
    ['nested objects and arrays', z.object({ list: z.array(z.object({ id: z.int() })).min(3) })],
    ['bounded numbers', z.object({ a: z.number().gt(5), b: z.number().max(-3), c: z.int().min(7).max(9) })],
    ['bounded text', z.object({ a: z.string().min(20), b: z.string().max(3) })],
    [
      'known forms of text',
      z.object({ a: z.email(), b: z.uuid(), c: z.iso.datetime(), d: z.iso.date(), e: z.url() }),
    ],
    ['a choice', z.object({ a: z.enum(['x', 'y']), b: z.literal(7), c: z.union([z.number(), z.string()]) })],
    ['nothing', z.object({ a: z.null(), b: z.string().nullable() })],
    ['a tuple', z.object({ point: z.tuple([z.number(), z.string()]) })],
    ['a map', z.object({ map: z.record(z.string(), z.number()) })],
    ['an intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() }))],
    [
      'a discriminated union',
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), n: z.number() })]),
    ],
    ['a list that refers to itself', maybe],
    ['a tree that refers to itself', tree],
  ])('fits %s', (_what, schema) => {
    const sample = sampleJson(z.toJSONSchema(schema) as JsonSchema);
    expect(schema.safeParse(sample)).toMatchObject({ success: true });
    expect(sampleJson(z.toJSONSchema(schema) as JsonSchema)).toEqual(sample);
  });

  test('ends for a schema that refers to itself without end', () => {
    const schema = { type: 'object', properties: { again: { $ref: '#' } }, required: ['again'] };
    expect(JSON.stringify(sampleJson(schema)).length).toBeLessThan(1_000);
  });

  test.each<[JsonSchema]>([
    [{}],
    [{ $ref: '#/nowhere' }],
    [{ $ref: 'https://x.example/' }],
    [{ type: 'unheard-of' }],
  ])('of %j is null', (schema) => {
    expect(sampleJson(schema)).toBeNull();
  });

  test('takes the default or the first example where there is one', () => {
    expect(sampleJson({ type: 'string', default: 'd' })).toBe('d');
    expect(sampleJson({ type: 'string', examples: ['e', 'f'] })).toBe('e');
  });
});
