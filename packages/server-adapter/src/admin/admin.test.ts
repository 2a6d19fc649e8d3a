import { type Budgets, createBudgets } from '@millrace/core/budget';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AdminHandlerOptions, createAdminHandler } from './index.js';

const HERE = 'http://127.0.0.1:8787';
let budgets: Budgets;

beforeEach(() => {
  budgets = createBudgets({
    limits: [
      { id: 'all', limitUsd: 10, period: 'day' },
      { id: 'each', limitUsd: 1, period: 'total', per: ['user'] },
    ],
  });
});

const serve = (options: Partial<AdminHandlerOptions> = {}) => {
  const handler = createAdminHandler({
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
    expect((await serve({ budgets: undefined })('GET', '/api/budget')).status).toBe(404);
    expect((await ask('GET', '/elsewhere')).status).toBe(404);
  });
});
