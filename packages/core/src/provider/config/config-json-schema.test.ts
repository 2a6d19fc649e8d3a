import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from './config-json-schema.js';

describe('the published JSON Schema', () => {
  const published: object = JSON.parse(
    readFileSync(new URL('../../../millrace.schema.json', import.meta.url), 'utf8'),
  );

  test('is up to date; if not, run "npm run generate -w @millrace/core"', () => {
    expect(published).toEqual(configJsonSchema());
  });

  test.each([
    [true, { version: 1 }],
    [true, { version: 1, providers: [{ id: 'a', type: 'openai', apiKeyEnv: 'KEY' }] }],
    [
      true,
      {
        version: 1,
        models: {
          'a:m': {
            price: {
              input: 1,
              output: 2,
              cacheWriteLong: 2,
              inputAudio: 1,
              cacheReadAudio: 1,
              webSearch: 10,
              batch: { input: 1, output: 1 },
              longContext: {
                input: 1,
                output: 2,
                aboveInputTokens: 1,
                longContext: { input: 1, output: 2, aboveInputTokens: 2 },
              },
            },
          },
        },
      },
    ],
    [false, { version: 1, models: { 'a:m': { price: { input: 1, output: 2, batch: { input: 1 } } } } }],
    [false, {}],
    [false, { version: 1, providers: [{ id: 'a', type: 'openai', apiKey: 'x' }] }],
    [false, { version: 1, models: { 'gpt-4o': {} } }],
  ])('says %s of %j in an independent validator', (valid, config) => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(published);
    expect(validate(config)).toBe(valid);
  });
});
