import { expect, test } from 'vitest';
import { prepareSchema } from './prepare-schema.js';

test('4.6.3 formats and complex patterns are taken out of a schema and told in words', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      // A property may be called as a keyword is.
      format: { type: 'string', format: 'date-time', description: 'When.' },
      plain: { type: 'string', pattern: '^(?:a|b)[a-z]+$' },
      list: { type: 'array', items: { type: 'string', pattern: '^(?!x).*$' } },
      either: { anyOf: [{ type: 'string', format: 'uri' }, { type: 'null' }] },
    },
    required: ['format'],
  } as const;
  expect(prepareSchema(schema)).toEqual({
    type: 'object',
    properties: {
      format: { type: 'string', description: 'When. (format: date-time)' },
      plain: { type: 'string', pattern: '^(?:a|b)[a-z]+$' },
      list: { type: 'array', items: { type: 'string', description: '(pattern: ^(?!x).*$)' } },
      either: { anyOf: [{ type: 'string', description: '(format: uri)' }, { type: 'null' }] },
    },
    required: ['format'],
  });
});
