import { createRegistry, type Provider } from '@millrace/core/provider';
import {
  createVault,
  environmentMasterKey,
  generateMasterKey,
  memoryAuditTrail,
  memoryVaultStore,
  type Vault,
} from '@millrace/vault';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type CredentialsHandlerOptions, createCredentialsHandler } from './index.js';

const KEY = 'sk-canary-0123456789-Q9A3';
const HERE = 'http://127.0.0.1:8787';
let vault: Vault;
let answer: 'verified' | 'invalid';
const asked: (string | undefined)[] = [];
const logged: unknown[] = [];

const provider: Provider = {
  specification: 'millrace-provider-v1',
  id: 'openai',
  label: 'OpenAI',
  credential: { required: true, environmentVariable: 'NOT_SET_HERE' },
  models: [],
  stream: () => {
    throw new Error('not called');
  },
  async verify({ credential }) {
    asked.push(credential?.apiKey);
    return { status: answer, message: 'said' };
  },
};

beforeEach(async () => {
  answer = 'verified';
  asked.length = logged.length = 0;
  vault = await createVault({
    store: memoryVaultStore(),
    masterKey: environmentMasterKey({ environment: { MILLRACE_MASTER_KEY: await generateMasterKey() } }),
    audit: memoryAuditTrail(),
    refreshMs: 0,
  });
});

const serve = (options: Partial<CredentialsHandlerOptions> = {}) => {
  const log = (...line: unknown[]): void => void logged.push(line);
  const handler = createCredentialsHandler({
    vault,
    registry: createRegistry({ providers: [provider] }),
    authorize: ({ headers }) =>
      headers.get('authorization') === 'Bearer admin' ? { actor: 'ann' } : undefined,
    logger: { trace: log, debug: log, info: log, warn: log, error: log, fatal: log } as never,
    ...options,
  });
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    base = HERE,
  ) => {
    const response = await handler(
      new Request(`${base}${path}`, {
        method,
        headers: {
          authorization: 'Bearer admin',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    expect(text).not.toContain('canary');
    expect(response.headers.get('cache-control') ?? 'no-store').toBe('no-store');
    return { status: response.status, headers: response.headers, body: JSON.parse(text) };
  };
};
const CREDENTIALS = '/api/providers/openai/credentials';

describe('keys over HTTP', () => {
  test('a key is saved, verified, listed masked and removed', async () => {
    const ask = serve();
    expect((await ask('GET', '/api/providers')).body).toEqual({
      providers: [
        {
          provider: 'openai',
          label: 'OpenAI',
          enabled: true,
          status: 'missing',
          maskedKey: null,
          active: false,
          lastVerifiedAt: null,
          keys: [],
        },
      ],
    });
    const saved = await ask('POST', CREDENTIALS, { key: KEY });
    expect(saved).toMatchObject({
      status: 201,
      body: {
        provider: 'openai',
        status: 'unverified',
        maskedKey: 'sk-****Q9A3',
        active: true,
        lastVerifiedAt: null,
      },
    });
    const verified = await ask('POST', '/api/providers/openai/verify', {});
    expect(verified).toMatchObject({
      status: 200,
      body: {
        status: 'verified',
        lastVerifiedAt: expect.stringMatching(/Z$/),
        verification: { message: 'said' },
      },
    });
    expect(asked).toEqual([KEY]);
    expect((await ask('GET', '/api/providers')).body.providers[0]).toMatchObject({
      status: 'verified',
      maskedKey: 'sk-****Q9A3',
      active: true,
    });
    expect(await ask('DELETE', CREDENTIALS)).toMatchObject({ status: 200, body: { removed: true } });
    expect(await vault.list()).toEqual([]);
    const actors = (await vault.auditEntries()).filter(({ actor }) => actor === 'ann');
    expect(actors.map(({ action }) => action)).toEqual(['save', 'verify', 'remove']);
  });

  test('a key that the vendor refuses shows as invalid', async () => {
    const ask = serve();
    answer = 'invalid';
    await ask('POST', CREDENTIALS, { key: KEY });
    await ask('POST', '/api/providers/openai/verify');
    expect((await ask('GET', '/api/providers')).body.providers[0]).toMatchObject({ status: 'invalid' });
  });

  test('a key is rotated in place, and of several one is named by its label', async () => {
    const ask = serve();
    await ask('POST', CREDENTIALS, { key: KEY });
    await ask('POST', CREDENTIALS, { key: KEY, label: 'second', priority: 4 });
    expect(await ask('POST', CREDENTIALS, { key: KEY })).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict' } },
    });
    expect(await ask('POST', CREDENTIALS, { key: 'sk-other-9876543210', rotate: true })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('2 such keys') } },
    });
    const rotated = await ask('POST', CREDENTIALS, {
      key: 'sk-other-9876543210',
      label: 'second',
      rotate: true,
      graceMs: 0,
    });
    expect(rotated).toMatchObject({
      status: 200,
      body: { label: 'second', priority: 4, maskedKey: 'sk-****3210' },
    });
    expect((await vault.list()).map(({ label }) => label).sort()).toEqual(['default', 'second']);
    await ask('DELETE', `${CREDENTIALS}?label=second`);
    expect((await vault.list()).map(({ label }) => label)).toEqual(['default']);
  });

  test.each([
    ['an unknown provider', 'POST', '/api/providers/nobody/credentials', { key: KEY }, 404, 'not_found'],
    ['a key that is not there', 'DELETE', CREDENTIALS, undefined, 404, 'not_found'],
    ['no key', 'POST', CREDENTIALS, {}, 400, null],
    ['a field that does not exist', 'POST', CREDENTIALS, { key: KEY, apiKey: KEY }, 400, null],
    ['a body that is no JSON', 'POST', CREDENTIALS, '{canary', 400, null],
    ['a body that is too long', 'POST', CREDENTIALS, { key: 'x'.repeat(20_000) }, 413, 'request_too_large'],
    ['another method', 'PUT', CREDENTIALS, { key: KEY }, 405, 'method_not_allowed'],
    ['another path', 'GET', '/api/providers/openai/other/thing', undefined, 404, 'unknown_url'],
  ])('%s is refused', async (_, method, path, body, status, code) => {
    const answered = await serve()(method, path, body);
    expect(answered).toMatchObject({ status, body: { error: { code } } });
    expect(JSON.stringify(logged)).not.toContain('canary');
  });

  test('without the right to change keys nothing is done', async () => {
    const ask = serve();
    for (const [method, path] of [
      ['GET', '/api/providers'],
      ['POST', CREDENTIALS],
      ['DELETE', CREDENTIALS],
    ] as const) {
      const body = method === 'POST' ? { key: KEY } : undefined;
      expect((await ask(method, path, body, { authorization: 'Bearer no' })).status).toBe(401);
    }
    expect(await vault.list()).toEqual([]);
  });

  test.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9999' }],
    ['a form of another site, by a browser that hides the origin', { 'sec-fetch-site': 'cross-site' }],
    ['an opaque origin', { origin: 'null' }],
  ])('%s cannot change keys', async (_, headers) => {
    const answered = await serve()('POST', CREDENTIALS, { key: KEY }, headers);
    expect(answered).toMatchObject({ status: 403, body: { error: { code: 'cross_site_request' } } });
    expect(await vault.list()).toEqual([]);
  });

  test('a form cannot: its type of body is refused', async () => {
    const answered = await serve()('POST', CREDENTIALS, `key=${KEY}`, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answered.status).toBe(400);
  });

  test.each([
    ['the own origin', {}, { origin: HERE }],
    [
      'an origin that is allowed',
      { allowedOrigins: ['https://admin.example'] },
      { origin: 'https://admin.example' },
    ],
    ['a client that is no browser', {}, {}],
  ])('%s can change keys', async (_, options, headers) => {
    expect((await serve(options)('POST', CREDENTIALS, { key: KEY }, headers)).status).toBe(201);
  });

  test('plain HTTP from elsewhere is refused, also for reading; HTTPS and a trusted proxy are not', async () => {
    const ask = serve();
    for (const [method, body] of [
      ['POST', { key: KEY }],
      ['GET', undefined],
    ] as const) {
      const path = method === 'GET' ? '/api/providers' : CREDENTIALS;
      expect(await ask(method, path, body, {}, 'http://keys.example')).toMatchObject({
        status: 403,
        body: { error: { code: 'https_required' } },
      });
    }
    expect(await vault.list()).toEqual([]);
    expect((await ask('GET', '/api/providers', undefined, {}, 'https://keys.example')).status).toBe(200);
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'keys.example' };
    expect((await ask('GET', '/api/providers', undefined, forwarded, 'http://inner:80')).status).toBe(403);
    const proxied = serve({ trustProxy: true });
    const headers = { ...forwarded, origin: 'https://keys.example' };
    expect((await proxied('POST', CREDENTIALS, { key: KEY }, headers, 'http://inner:80')).status).toBe(201);
  });

  test('one actor who asks too often has to wait; reading goes on', async () => {
    const ask = serve({ rateLimit: { requests: 2, windowMs: 60_000 } });
    await ask('POST', CREDENTIALS, { key: KEY });
    await ask('POST', '/api/providers/openai/verify');
    const answered = await ask('POST', '/api/providers/openai/verify');
    expect(answered).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
    expect(Number(answered.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await ask('GET', '/api/providers')).status).toBe(200);
  });

  test('every other path is answered by the handler behind it', async () => {
    const otherwise = vi.fn(async (request: Request) => Response.json({ url: request.url }));
    const ask = serve({ otherwise });
    expect((await ask('GET', '/v1/models')).body).toEqual({ url: `${HERE}/v1/models` });
    expect((await ask('GET', '/api/providers')).status).toBe(200);
    expect(otherwise).toHaveBeenCalledOnce();
  });
});
