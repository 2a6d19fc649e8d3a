import { afterEach, describe, expect, test } from 'vitest';
import { startVendor, type VendorServer } from '../../test/vendor-server.js';
import { findProviders } from './find-providers.js';
import { findLocalOllama } from './local-ollama.js';
import { providersFromEnvironment } from './providers-from-environment.js';

let server: VendorServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const from = (environment: Record<string, string>) =>
  providersFromEnvironment({ environment, lookForOllama: false });

test('an empty environment has no provider, and a key for OpenAI has that one', async () => {
  expect(await from({})).toEqual([]);
  expect(await from({ OPENAI_API_KEY: '  ' })).toEqual([]);
  expect((await from({ OPENAI_API_KEY: 'key' })).map(({ id }) => id)).toEqual(['openai']);
  const both = await from({ ANTHROPIC_API_KEY: 'key', GEMINI_API_KEY: 'key', OPENAI_API_KEY: 'key' });
  expect(both.map(({ id }) => id)).toEqual(['openai', 'anthropic', 'google']);
});

test('the Claude CLI is there only when it is asked for', async () => {
  expect(await from({ MILLRACE_CLAUDE_CLI: '0' })).toEqual([]);
  expect((await from({ MILLRACE_CLAUDE_CLI: '1' })).map(({ id }) => id)).toEqual(['claude-cli']);
});

describe('MILLRACE_OPENAI_COMPATIBLE', () => {
  const list = (value: unknown) => from({ MILLRACE_OPENAI_COMPATIBLE: JSON.stringify(value) });

  test('each entry is a provider of its own, whose key is asked for by the name that it gives', async () => {
    const providers = await list([
      { id: 'groq', baseUrl: 'https://api.groq.com/openai/v1', apiKeyEnv: 'GROQ_API_KEY' },
      { id: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1' },
    ]);
    expect(providers.map(({ id, credential }) => [id, credential])).toEqual([
      ['groq', { required: true, environmentVariable: 'GROQ_API_KEY' }],
      ['vllm', { required: false, environmentVariable: undefined }],
    ]);
  });

  test.each([
    ['no JSON', 'nonsense', /MILLRACE_OPENAI_COMPATIBLE must be a JSON list/],
    ['no list', '{"id":"x"}', /must be a JSON list/],
    [
      'a misspelt field',
      '[{"id":"x","baseURL":"https://example.com"}]',
      /MILLRACE_OPENAI_COMPATIBLE[\s\S]*baseUrl/,
    ],
    ['no address', '[{"id":"x"}]', /baseUrl/],
    [
      'two of one id',
      '[{"id":"x","baseUrl":"https://a.example"},{"id":"x","baseUrl":"https://b.example"}]',
      /providers\[1\]/,
    ],
  ])('%s is an error that names the variable or the field', async (_what, value, message) => {
    await expect(from({ MILLRACE_OPENAI_COMPATIBLE: value })).rejects.toThrow(message);
    await expect(from({ MILLRACE_OPENAI_COMPATIBLE: value })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });

  test('a key in it is refused and not repeated', async () => {
    const entry = { id: 'x', baseUrl: 'https://a.example', apiKey: 'canary-key-value' };
    const error: unknown = await list([entry]).catch((reason: unknown) => reason);
    expect(String(error)).toContain('apiKeyEnv');
    expect(String(error)).not.toContain('canary-key-value');
  });
});

describe('a local Ollama', () => {
  const tags = {
    models: [
      { name: 'llama3.2:3b' },
      { name: 'gpt-oss:120b-cloud', remote_model: 'gpt-oss:120b', remote_host: 'https://ollama.com' },
      {},
    ],
  };

  test('its models are free, but for those that it passes on to its cloud', async () => {
    server = await startVendor((_request, response) => void response.end(JSON.stringify(tags)));
    const host = new URL(server.baseUrl).host;
    const provider = await findLocalOllama({ host });
    expect(provider?.models.map(({ id, price }) => [id, price])).toEqual([
      ['llama3.2:3b', { input: 0, output: 0 }],
      ['gpt-oss:120b-cloud', undefined],
    ]);
    expect(server.received[0]?.path).toBe('/api/tags');
    const found = await providersFromEnvironment({ environment: { OLLAMA_HOST: host } });
    expect(found.map(({ id }) => id)).toEqual(['ollama']);
  });

  test('one that is not there, has no models, fails or says nothing is not found', async () => {
    expect(await findLocalOllama({ host: '127.0.0.1:1' })).toBeUndefined();
    for (const body of ['{"models":[]}', 'nonsense']) {
      server = await startVendor((_request, response) => void response.end(body));
      expect(await findLocalOllama({ host: new URL(server.baseUrl).host })).toBeUndefined();
      await server.close();
    }
    server = await startVendor(() => undefined);
    expect(await findLocalOllama({ host: new URL(server.baseUrl).host, limitMs: 50 })).toBeUndefined();
  });

  test('looking for it can be cancelled', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(findLocalOllama({ host: '127.0.0.1:1', signal })).rejects.toThrow('enough');
  });
});

test('a provider of the configuration goes before one of the same id in the environment', async () => {
  const config = {
    providers: [
      { id: 'openai', type: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1', priority: 5 },
    ],
  };
  const found = await findProviders(config as never, {
    environment: { OPENAI_API_KEY: 'key' },
    lookForOllama: false,
  });
  expect(found.map(({ provider, priority }) => [provider.id, provider.label, priority])).toEqual([
    ['openai', 'openai', 5],
  ]);
});
