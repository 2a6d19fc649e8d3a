import { type Budgets, createBudgets } from '@millrace/core/budget';
import { createGateway, type Gateway } from '@millrace/core/gateway';
import { simulated } from '@millrace/providers/simulated';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler, type Handler } from '../create-handler.js';
import { type AdminHandlerOptions, createAdminHandler } from './index.js';
import { parseStatsQuery } from './stats-query.js';

const HERE = 'http://127.0.0.1:8787';
let budgets: Budgets;
let gateway: Gateway;

beforeEach(() => {
  gateway = createGateway({ providers: [simulated()], routing: { classify: 'all' } });
  budgets = createBudgets({
    limits: [
      { id: 'all', limitUsd: 10, period: 'day' },
      { id: 'each', limitUsd: 1, period: 'total', per: ['user'] },
    ],
  });
});

const serve = (options: Partial<AdminHandlerOptions> = {}) => {
  const handler = createAdminHandler({
    gateway,
    budgets,
    authorize: ({ headers }) =>
      headers.get('authorization') === 'Bearer admin' ? { actor: 'ann' } : undefined,
    ...options,
  });
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await handler(
      new Request(`${HERE}${path}`, {
        method,
        headers: {
          authorization: 'Bearer admin',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
};

describe('budgets over HTTP', () => {
  test('are shown with how they stand for some labels', async () => {
    const held = await budgets.reserve({ labels: { user: 'ada' }, worstCaseUsd: 0.25 });
    await held?.settle(0.25);
    const { status, body } = await serve()('GET', '/api/budget?user=ada');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      limits: [{ id: 'all' }, { id: 'each', per: ['user'] }],
      budgets: [
        { id: 'all', usedUsd: 0.25, leftUsd: 9.75, windowEnd: expect.stringMatching(/T00:00:00.000Z$/) },
        { id: 'each', scope: { user: 'ada' }, usedShare: 0.25, windowEnd: null },
      ],
    });
    expect((await serve()('GET', '/api/budget?user=bob')).body.budgets[1]).toMatchObject({ usedUsd: 0 });
  });

  test('are set and taken away', async () => {
    const ask = serve();
    const all = { id: 'all', limitUsd: 0, period: 'week', timeZone: 'Europe/Zurich' };
    expect((await ask('PUT', '/api/budget', all)).body.limits).toEqual([all, expect.anything()]);
    const many = {
      limits: [
        { id: 'x', limitUsd: 1, period: { rollingMs: 60_000 } },
        { ...all, limitUsd: 5 },
      ],
    };
    expect((await ask('PUT', '/api/budget', many)).body.limits).toHaveLength(3);
    expect(await ask('DELETE', '/api/budget/x')).toMatchObject({ status: 200, body: { removed: true } });
    expect((await ask('DELETE', '/api/budget/x')).status).toBe(404);
    expect(budgets.limits().map(({ id }) => id)).toEqual(['all', 'each']);
  });

  test.each([
    [{ id: 'x', limitUsd: '1', period: 'day' }, 'limitUsd'],
    [{ id: 'x', limitUsd: -1, period: 'day' }, 'limitUsd'],
    [{ id: 'x', limitUsd: 1, period: 'year' }, 'period'],
    [{ id: 'x', limitUsd: 1, period: 'day', zone: 'UTC' }, 'zone'],
    [
      {
        limits: [
          { id: 'y', limitUsd: 1, period: 'day' },
          { id: 'x y', limitUsd: 1, period: 'day' },
        ],
      },
      'id',
    ],
    [{ limits: [] }, 'limits'],
    ['x', ''],
  ])('are not set when one of them is wrong: %j', async (body, name) => {
    const answer = await serve()('PUT', '/api/budget', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(name);
    expect(budgets.limits()).toHaveLength(2);
  });

  test('are only for those whom the host lets in, and not for other sites', async () => {
    const ask = serve();
    expect((await ask('GET', '/api/budget', undefined, { authorization: 'x' })).status).toBe(401);
    const foreign = { origin: 'https://evil.example' };
    expect((await ask('PUT', '/api/budget', { id: 'all', limitUsd: 9, period: 'day' }, foreign)).status).toBe(
      403,
    );
    expect((await ask('PATCH', '/api/budget')).status).toBe(405);
    expect((await ask('GET', '/api/budget?team=x')).status).toBe(400);
    expect((await ask('GET', '/api/budget?user=ada&user=bob')).status).toBe(400);
    expect((await ask('GET', '/api/budget?tag=a&tag=b')).status).toBe(200);
    expect((await serve({ budgets: undefined })('GET', '/api/budget')).status).toBe(404);
    expect((await ask('GET', '/elsewhere')).status).toBe(404);
  });
});

describe('statistics over HTTP', () => {
  const chat = (prompt: string, more: object = {}) =>
    gateway.chat({ prompt, model: 'tier:economy', ...more });

  test('tell what was called, what it cost and what it saved', async () => {
    await chat('What is 2+2?', { user: 'ada', project: 'mill' });
    await chat('What is 3+3?', { user: 'bob' });
    const ask = serve();
    const { status, body } = await ask('GET', '/api/stats');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      total: { calls: 2, successes: 2 },
      byProvider: [{ group: { provider: 'simulated' }, calls: 2 }],
      byCategory: [{ group: { category: 'simple_qa' }, calls: 2 }],
      savings: { comparedWith: expect.stringMatching(/^simulated:/) },
    });
    expect((await ask('GET', '/api/stats?user=ada')).body.total.calls).toBe(1);
    const groups = await ask('GET', '/api/stats/groups?by=user,project');
    expect(groups.body.groups.map(({ group }: { group: object }) => group)).toEqual(
      expect.arrayContaining([
        { user: 'ada', project: 'mill' },
        { user: 'bob', project: null },
      ]),
    );
    const series = await ask('GET', '/api/stats/series?unit=month&timeZone=Europe/Zurich');
    expect(series.body.points.at(-1)).toMatchObject({ calls: 2 });
  });

  test('list calls page by page, and export them', async () => {
    for (let call = 0; call < 3; call++) await chat(`What is ${call}+1?`);
    const ask = serve();
    const first = await ask('GET', '/api/stats/calls?limit=2&sort=costUsd&order=descending');
    expect(first.body.calls).toHaveLength(2);
    const rest = await ask(
      'GET',
      `/api/stats/calls?limit=2&sort=costUsd&order=descending&cursor=${encodeURIComponent(first.body.next)}`,
    );
    expect(rest.body).toMatchObject({ calls: [expect.anything()], next: null });
    const handler = createAdminHandler({ gateway, authorize: () => ({ actor: 'ann' }) });
    const exported = await handler(new Request(`${HERE}/api/stats/export?format=csv`));
    expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect((await exported.text()).trim().split(/\r?\n/)).toHaveLength(4);
  });

  test.each([
    'from=yesterday',
    'by=colour',
    'unit=decade',
    'limit=0',
    'status=fine',
    'colour=red',
    'from=10&before=5',
    'from=banana 3',
    'from=-5',
    'before=2026-02-31',
    'from=Nov 21, 2026',
    'user=ada&user=bob',
    'limit=1&limit=2',
  ])('refuse a query that cannot be right: %s', async (query) => {
    const { status, body } = await serve()('GET', `/api/stats?${query}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain(query.split('=')[0]);
  });
});

describe('the times of a statistic', () => {
  test.each([
    ['2026-11-21', '2026-11-21T00:00:00Z'],
    ['2026-11-21T10:30:00.250Z', '2026-11-21T10:30:00.250Z'],
    ['2026-11-21T10:30:00+02:00', '2026-11-21T08:30:00Z'],
    ['2026-11-21T10:30', '2026-11-21T10:30:00Z'],
    ['1795219200000', '2026-11-21T00:00:00Z'],
  ])('are the same on every machine: %s', (from, meant) => {
    // Whatever the zone of this machine is.
    vi.stubEnv('TZ', 'America/New_York');
    const { filter } = parseStatsQuery(new URLSearchParams({ from, before: '2026-12-01' }));
    vi.unstubAllEnvs();
    expect(filter.from).toBe(Date.parse(meant));
  });
});

describe('executions over HTTP', () => {
  const asked = {
    models: ['tier:economy', 'nobody:x'],
    prompt: 'What is in it?',
    context: [{ name: 'a.txt', text: 'Nothing.' }],
  };

  test('compare models, are kept, and are found again', async () => {
    const ask = serve();
    const made = await ask('POST', '/api/executions', asked);
    expect(made).toMatchObject({
      status: 201,
      body: {
        request: asked,
        results: [
          { model: 'tier:economy', status: 'success', provider: 'simulated', text: expect.any(String) },
          { model: 'nobody:x', status: 'error', error: { code: 'UNKNOWN_MODEL' } },
        ],
      },
    });
    const { id } = made.body;
    expect((await ask('GET', `/api/executions/${id}`)).body).toEqual(made.body);
    expect((await ask('GET', '/api/executions')).body.executions).toEqual([made.body]);
    expect((await ask('GET', '/api/executions/none')).status).toBe(404);
    const record = await gateway.ledger.get(made.body.results[0].callId);
    expect(record).toMatchObject({ status: 'success' });
  });

  test.each([
    [{ ...asked, models: [] }, 'models'],
    [{ ...asked, colour: 'red' }, 'colour'],
    [{ ...asked, prompt: 7 }, 'prompt'],
  ])('refuse what cannot be right: %j', async (body, name) => {
    const answer = await serve()('POST', '/api/executions', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(name);
  });
});

test('the status tells which providers can be called and how calls are routed', async () => {
  await gateway.chat({ prompt: 'Hi' });
  const { body } = await serve()('GET', '/api/status');
  expect(body).toMatchObject({
    providers: [{ id: 'simulated', enabled: true, simulated: true, ready: true, models: expect.any(Number) }],
    skipped: [],
    routing: {},
    lastHour: { calls: 1 },
  });
});

describe('feedback over HTTP', () => {
  const ask = (handler: Handler, body: unknown) =>
    handler(
      new Request(`${HERE}/api/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );

  test('rates the caller’s own latest answer, or the one that is named', async () => {
    const handler = createHandler({ gateway, authorize: () => ({ user: 'ada' }) });
    const { id } = await gateway.chat({ prompt: 'What is 2+2?', user: 'ada' });
    const other = await gateway.chat({ prompt: 'What is 2+2?', user: 'bob' });
    const good = await ask(handler, { rating: 'good' });
    expect(await good.json()).toMatchObject({ taskId: id, rating: 5, success: true });
    expect((await ask(handler, { rating: 2, taskId: other.id })).status).toBe(404);
    expect(await gateway.ledger.get(id)).toMatchObject({ rating: 5 });
    expect(await gateway.ledger.get(other.id)).toMatchObject({ rating: null });
    expect((await ask(handler, { rating: 6 })).status).toBe(400);
    expect((await ask(handler, { verdicts: [{ name: 'tests', passed: true }] })).status).toBe(200);
  });
});
