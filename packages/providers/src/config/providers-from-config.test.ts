import { parseConfig } from '@millrace/core/config';
import { expect, test } from 'vitest';
import { simulated } from '../simulated/index.js';
import { providersFromConfig } from './providers-from-config.js';

const configOf = (providers: object[]) =>
  parseConfig(JSON.stringify({ version: 1, providers }), { file: 'millrace.json', format: 'json' });

test('each built-in type becomes its provider, with its state', () => {
  const built = providersFromConfig(
    configOf([
      { id: 'main', type: 'openai', priority: 3 },
      {
        id: 'groq',
        type: 'openai-compatible',
        baseUrl: 'https://a.example/v1',
        apiKeyEnv: 'GROQ_API_KEY',
        enabled: false,
        models: [{ id: 'm', price: { input: 1, output: 2 } }],
      },
      { id: 'demo', type: 'simulated' },
    ]),
  );
  expect(built.map(({ provider, enabled, priority }) => [provider.id, enabled, priority])).toEqual([
    ['main', undefined, 3],
    ['groq', false, undefined],
    ['demo', undefined, undefined],
  ]);
  expect(built[0]?.provider.credential).toMatchObject({
    required: true,
    environmentVariable: 'OPENAI_API_KEY',
  });
  expect(built[1]?.provider.models).toEqual([
    expect.objectContaining({ id: 'm', price: { input: 1, output: 2 } }),
  ]);
});

test('models of an entry come before those that are known of its type, and take the place of one of the same id', () => {
  const mine = { id: 'llama-3.3-70b-versatile', price: { input: 9, output: 9 } };
  const fresh = { id: 'new-model', price: { input: 1, output: 2 } };
  const [built] = providersFromConfig(configOf([{ id: 'groq', type: 'groq', models: [fresh, mine] }]));
  const models = built?.provider.models ?? [];
  expect(models.slice(0, 2)).toEqual([fresh, mine]);
  expect(models.map(({ id }) => id).filter((id) => id === mine.id)).toHaveLength(1);
  expect(models.find(({ id }) => id === 'openai/gpt-oss-120b')?.price).toBeDefined();
});

test('a type of a plugin is built by its factory, and one without is an error that names the place', () => {
  const config = configOf([{ id: 'mine', type: 'my-type' }]);
  const [built] = providersFromConfig(config, { 'my-type': ({ id }) => simulated({ id }) });
  expect(built?.provider.id).toBe('mine');
  expect(() => providersFromConfig(config)).toThrow(/no provider type "my-type"/);
  expect(() => providersFromConfig(config)).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG', key: 'providers[0].type' }),
  );
});

test('the Claude CLI takes its options, and one that is wrong is an error that names it', () => {
  const build = (fields: object) =>
    providersFromConfig(configOf([{ id: 'cli', type: 'claude-cli', ...fields }]));
  const [built] = build({
    apiKeyEnv: 'ANTHROPIC_API_KEY',
    options: { command: 'claude', tools: ['WebSearch'] },
  });
  expect(built?.provider.credential).toEqual({ required: false, environmentVariable: 'ANTHROPIC_API_KEY' });
  expect(() => build({ options: { tools: 'WebSearch' } })).toThrow(
    /options\.tools .* must be a list of names/,
  );
  expect(() => build({ options: { comand: 'claude' } })).toThrow(/options\.comand .* does not exist/);
  expect(() => build({ headers: { a: 'b' } })).toThrow(/headers/);
});
