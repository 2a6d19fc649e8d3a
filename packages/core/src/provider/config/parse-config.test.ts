import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../model/errors/config-error.js';
import { parseConfig } from './parse-config.js';

const failureOf = (text: string, format: 'yaml' | 'json'): ConfigError => {
  try {
    parseConfig(text, { format, file: `millrace.${format}` });
  } catch (error) {
    if (ConfigError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
};

const FULL = {
  version: 1,
  defaultModel: 'auto',
  compression: { preset: 'standard', keep: ['file'], minCharacters: 100 },
  routing: {
    mode: 'orchestrated',
    roles: { architect: 'tier:premium' },
    categories: { debug: 'openai:gpt-x' },
    otherwise: 'cost-aware',
    threshold: 0.9,
    fallbacks: { '*': ['tier:standard'] },
    maxAttempts: 3,
    downgrade: false,
  },
  budget: {
    limits: [
      { id: 'all', limitUsd: 0, period: 'month', timeZone: 'Europe/Zurich', warnAt: 0.5, hard: false },
      { id: 'each', limitUsd: 1.5, period: { rollingMs: 3_600_000 }, per: ['user'], only: { tag: 'beta' } },
    ],
    path: 'budget.db',
    timeZone: 'UTC',
    onUnknownPrice: { reserveUsd: 0.1 },
    onStoreError: 'open',
  },
  providers: [
    {
      id: 'openai',
      type: 'openai',
      label: 'OpenAI',
      enabled: true,
      priority: 10,
      baseUrl: 'https://example.com/v1',
      apiKeyEnv: 'OPENAI_API_KEY',
      headers: { 'x-team': 'search' },
      organization: 'org-1',
      project: 'proj-1',
      models: [
        {
          id: 'gpt-x',
          aliases: ['gpt-x-2025-06-30'],
          tier: 'premium',
          price: {
            input: 1.5,
            output: 6,
            cacheRead: 0.1,
            cacheWrite: 1.9,
            cacheWriteLong: 3,
            inputAudio: 4,
            cacheReadAudio: 0.4,
            webSearch: 10,
            longContext: {
              input: 3,
              output: 9,
              cacheWriteLong: 6,
              aboveInputTokens: 200000,
              longContext: { input: 4, output: 12, aboveInputTokens: 500000 },
            },
            batch: {
              input: 0.75,
              output: 3,
              cacheRead: 0.1,
              longContext: { input: 1.5, output: 4.5, aboveInputTokens: 200000 },
            },
          },
          nextPrice: { from: '2026-12-01', price: { input: 2, output: 8 } },
          contextWindow: 400000,
          maxOutputTokens: 32000,
          capabilities: { tools: true, vision: true, json: 'schema', reasoning: false },
          asOf: '2025-06-30',
        },
      ],
    },
    { id: 'house', type: 'in-house', options: { region: 'eu', retries: [1, 2] } },
    { id: 'fake', type: 'simulated', enabled: false },
  ],
  aliases: { fast: 'openai:gpt-x' },
  models: { 'openai:gpt-x': { price: { input: 1, output: 2 } } },
  ledger: { path: './ledger.db' },
  server: { host: '127.0.0.1', port: 0, bodyLimitBytes: 1048576 },
  timeLimits: { firstEventMs: 0, idleMs: 1000, totalMs: 60000 },
} as const;

const FULL_YAML = `# yaml-language-server: $schema=./millrace.schema.json
version: 1
defaultModel: auto
providers:
  - id: openai
    type: openai
    apiKeyEnv: OPENAI_API_KEY
    headers: &headers
      x-team: search
  - { id: local, type: openai-compatible, baseUrl: "http://127.0.0.1:8000/v1", headers: *headers }
aliases: { fast: openai:gpt-x }
`;

describe('a configuration', () => {
  test('in JSON comes back as it was written', () => {
    expect(parseConfig(JSON.stringify(FULL), { format: 'json' })).toEqual(FULL);
  });

  test('may be YAML with comments, anchors and inline groups', () => {
    expect(parseConfig(FULL_YAML, { format: 'yaml' })).toEqual({
      version: 1,
      defaultModel: 'auto',
      providers: [
        { id: 'openai', type: 'openai', apiKeyEnv: 'OPENAI_API_KEY', headers: { 'x-team': 'search' } },
        {
          id: 'local',
          type: 'openai-compatible',
          baseUrl: 'http://127.0.0.1:8000/v1',
          headers: { 'x-team': 'search' },
        },
      ],
      aliases: { fast: 'openai:gpt-x' },
    });
  });

  test.each(['yaml', 'json'] as const)('needs nothing but its version (%s)', (format) => {
    expect(parseConfig('{ "version": 1 }', { format })).toEqual({ version: 1, providers: [] });
  });
});

const YAML = `version: 1
providers:
  - id: openai
    type: openai
    baseUlr: https://example.com
    priority: high
  - id: Local
    type: openai-compatible
  - id: openai
    type: simulated
    organization: acme
models:
  gpt-4o:
    price: { input: -1, output: 2 }
  openai:gpt-4o:
    capabilites: { tools: yes }
server:
  port: 70000
timeLimit:
  idleMs: 5
`;

const JSON_TEXT = `{
  "version": 2,
  "providers": [
    { "id": "a", "type": "openai",
      "models": [
        { "id": "m", "tier": "luxury",
          "price": { "input": "1" } }
      ] }
  ],
  "ledger": {}
}`;

const placesOf = (error: ConfigError) =>
  (error.details['problems'] as unknown as readonly { line: number; key: string; message: string }[]).map(
    ({ line, key, message }) => `${line} ${key} ${message}`,
  );

describe('a configuration with mistakes', () => {
  test('in YAML names the line and the key of every one, and what to do', () => {
    const error = failureOf(YAML, 'yaml');
    expect(placesOf(error)).toEqual([
      '5 providers[0].baseUlr is not a known key. Did you mean "baseUrl"?',
      '6 providers[0].priority must be a number, and is text',
      '7 providers[1].id must be at most 64 lower-case letters, digits and "-"',
      '7 providers[1] needs "baseUrl", the address of its API, such as http://127.0.0.1:8000/v1',
      '9 providers[2].id is the same as that of providers[0]. Give every provider an id of its own',
      '11 providers[2].organization is not used by providers of the type "simulated". Take it out',
      '13 models["gpt-4o"] must be named as "provider:model"',
      '16 models["openai:gpt-4o"].capabilites is not a known key. Did you mean "capabilities"?',
      '18 server.port must be from 0 to 65535',
      '19 timeLimit is not a known key. Did you mean "timeLimits"?',
    ]);
    expect(error).toMatchObject({
      code: 'INVALID_CONFIG',
      file: 'millrace.yaml',
      line: 5,
      key: 'providers[0].baseUlr',
    });
    expect(error.message.split('\n').slice(0, 2)).toEqual([
      'millrace.yaml has 10 problems:',
      '  line 5: providers[0].baseUlr is not a known key. Did you mean "baseUrl"?',
    ]);
  });

  test('in JSON names the line and the key of every one, and what to do', () => {
    expect(placesOf(failureOf(JSON_TEXT, 'json'))).toEqual([
      '2 version must be 1, the version of this format',
      '6 providers[0].models[0].tier must be one of economy, standard, premium',
      '7 providers[0].models[0].price.input must be a number, and is text',
      '7 providers[0].models[0].price.output is missing; it must be a number',
      '10 ledger.path is missing; it must be text',
    ]);
  });

  test('in a price names the figure', () => {
    const text = `version: 1
models:
  a:m:
    price:
      input: 1
      output: 2
      cacheWriteLong: lots
      webSearch: -1
      longContext:
        input: 1
        output: 2
        aboveInputTokens: 1000
        longContext: { input: 1, output: 2, aboveInputTokens: 1000, cacheRaed: 1 }
      batch: { input: 1, ouput: 2 }
`;
    expect(placesOf(failureOf(text, 'yaml'))).toEqual([
      '7 models["a:m"].price.cacheWriteLong must be a number, and is text',
      '8 models["a:m"].price.webSearch must be a number of at least 0',
      '13 models["a:m"].price.longContext.longContext.cacheRaed is not a known key. Did you mean "cacheRead"?',
      '13 models["a:m"].price.longContext.longContext.aboveInputTokens must be higher than that of the step before it',
      '14 models["a:m"].price.batch.output is missing; it must be a number',
      '14 models["a:m"].price.batch.ouput is not a known key. Did you mean "output"?',
    ]);
  });

  test('is one sentence when there is one', () => {
    expect(failureOf('version: 1\nserver:\n  prot: 1\n', 'yaml').message).toBe(
      'millrace.yaml, line 3: server.prot is not a known key. Did you mean "port"?',
    );
  });

  test.each([
    ['an empty file', '', 'must be a group of keys, and is empty'],
    ['a list', '- 1', 'must be a group of keys, and is a list'],
    ['no version', 'providers: []', 'version is missing; it must be 1, the version of this format'],
    ['an empty list', 'version: 1\nproviders:\n', 'providers must be a list, and is empty'],
    [
      'a key that resembles none',
      'version: 1\nzzzzzz: 1',
      'zzzzzz is not a known key. Known keys here are $schema, version',
    ],
    [
      'a budget of a year',
      'version: 1\nbudget: { limits: [{ id: a, limitUsd: 1, period: year }] }',
      'must be hour, day',
    ],
    [
      'a budget on Mars',
      'version: 1\nbudget: { timeZone: Mars/Olympus, limits: [] }',
      'must be an IANA name',
    ],
    ['a clever routing', 'version: 1\nrouting: { mode: clever }', 'must be manual, heuristic'],
    [
      'one model without its provider',
      'version: 1\nrouting: { mode: single-model }',
      'routing.activeProvider is missing',
    ],
    [
      'a kind of task that there is not',
      'version: 1\nrouting: { mode: orchestrated, categories: { cook: a } }',
      'routing.categories.cook',
    ],
    ['snake case', 'version: 1\ndefault_model: x', 'Did you mean "defaultModel"?'],
    ['a fraction of a port', 'version: 1\nserver: { port: 1.5 }', 'server.port must be a whole number'],
    [
      'an address without http',
      'version: 1\nproviders: [{ id: a, type: x, baseUrl: "ftp://h" }]',
      'begins with http',
    ],
  ])('such as %s is explained', (_, text, message) => {
    expect(failureOf(text, 'yaml').message).toContain(message);
  });

  test('without a file name is still a sentence', () => {
    expect(() => parseConfig('[]', { format: 'json' })).toThrow(
      'The configuration, line 1: must be a group of keys, and is a list.',
    );
  });
});

describe('text that is not even YAML or JSON', () => {
  test.each([
    ['an open quote', 'version: 1\ndefaultModel: "x\n', 3],
    ['a key twice', 'version: 1\nserver: {}\nversion: 1\n', 3],
    ['a tab', 'version: 1\nserver:\n\tport: 1\n', 3],
    ['crooked indentation', 'version: 1\nserver:\n    port: 1\n  host: x\n', 4],
    ['a second colon', 'version: 1\nledger: path: x\n', 2],
    ['two documents', 'version: 1\n---\nversion: 1\n', 2],
    ['an unknown anchor', 'version: 1\naliases: *none\n', 2],
  ])('is reported with its line: %s', (_, text, line) => {
    expect(failureOf(text, 'yaml')).toMatchObject({ line, key: undefined });
  });

  test.each([
    ['a comma too many', '{\n  "version": 1,\n}', 3, 'allows no ","'],
    ['a comma too few', '{\n  "version": 1\n  "server": {}\n}', 3, '"," or "}"'],
    ['a comment', '{\n  // one\n  "version": 1\n}', 2, 'expected'],
    ['single quotes', "{\n  'version': 1\n}", 2, 'double quotes'],
    ['a bare key', '{\n  version: 1\n}', 2, 'double quotes'],
    ['a bare word', '{\n  "version": yes\n}', 2, 'a value is expected'],
    ['an early end', '{\n  "version": 1,\n  "server":\n', 4, 'ends too early'],
    ['something after the end', '{ "version": 1 }\n{}', 2, 'nothing may follow'],
    ['a key twice', '{\n  "version": 1,\n  "version": 1\n}', 3, 'twice'],
  ])('is reported with its line and reason: %s', (_, text, line, message) => {
    const error = failureOf(text, 'json');
    expect(error).toMatchObject({ line, file: 'millrace.json' });
    expect(error.message).toContain(message);
  });
});

const KEY = 'sk-proj-c4n4ryC4n4ryC4n4ryC4n4ryC4n4ry';
const provider = (values: object) =>
  JSON.stringify({ version: 1, providers: [{ id: 'a', type: 'openai', ...values }] });

describe('a key in the file', () => {
  test.each([
    ['as apiKey', { apiKey: KEY }, /apiKey must not be in the file.*apiKeyEnv/],
    ['as api_key', { api_key: KEY }, /api_key must not be in the file/],
    ['as token', { token: KEY }, /token must not be in the file/],
    [
      'as the name of its variable',
      { apiKeyEnv: KEY },
      /apiKeyEnv must be the name of an environment variable/,
    ],
    [
      'as a variable name that is valid',
      { apiKeyEnv: KEY.replaceAll('-', '_') },
      /apiKeyEnv looks like a key/,
    ],
    [
      'in the authorization header',
      { headers: { Authorization: `Bearer ${KEY}` } },
      /headers.Authorization looks like a key/,
    ],
    ['in any header', { headers: { 'x-team': KEY } }, /headers\["x-team"\] looks like a key/],
    [
      'in a header that is named for it',
      { headers: { 'api-key': 'short' } },
      /headers\["api-key"\] looks like a key/,
    ],
    ['in the address', { baseUrl: `https://user:${KEY}@example.com` }, /baseUrl holds a password or key/],
    [
      'in the query of the address',
      { baseUrl: `https://example.com?key=${KEY}` },
      /baseUrl holds a password or key/,
    ],
    ['as the id', { id: KEY }, /id must be/],
    ['in place of a number', { priority: KEY }, /priority must be a number/],
  ])('%s is refused, and never shown', (_, values, message) => {
    const error = failureOf(provider(values), 'json');
    expect(error.message).toMatch(message);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/c4n4ry/i);
  });

  test.each([
    `{ "version": 1, "defaultModel": "${KEY} }`,
    `{ ${KEY} }`,
    `version: 1\nkey: "${KEY}\n`,
    `version: 1\nkey: *${KEY}\n`,
    `version: 1\nkey: !${KEY} x\n`,
    `version: 1\n"a" ${KEY}\n`,
  ])('is not shown by a message about syntax: %s', (text) => {
    for (const format of ['yaml', 'json'] as const) {
      expect(inspect(failureOf(text, format), { depth: 10, showHidden: true })).not.toMatch(/c4n4ry/i);
    }
  });

  test('is not suspected in ordinary headers', () => {
    const headers = { 'x-team': 'search-and-recommendation-quality', 'x-request-source': 'batch/nightly' };
    expect(parseConfig(provider({ headers }), { format: 'json' }).providers[0]?.headers).toEqual(headers);
  });
});
