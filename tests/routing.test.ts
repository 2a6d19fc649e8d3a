import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type ErrorCode, type Gateway, type GatewayEvents } from '@millrace/core';
import { anthropic } from '@millrace/providers/anthropic';
import { google } from '@millrace/providers/google';
import { openai } from '@millrace/providers/openai';
import { openaiCompatible } from '@millrace/providers/openai-compatible';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startChild } from './support/child.ts';

vi.setConfig({ testTimeout: 30_000 });

const REFACTORING = `Refactor our billing over all modules: move src/billing/invoice.ts, src/billing/tax.ts and
src/billing/ledger.ts behind ports, keep the public API, update the callers in src/api and src/jobs, and rewrite the
tests. Here is a part of it:

\`\`\`ts
export class Invoice { constructor(private db: Database, private tax: TaxTable) {} }
\`\`\``;

/** A vendor that counts who asks, and answers nobody. */
const startStub = async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"message":"Busy."}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
};

describe('the models of the vendors', () => {
  let gateway: Gateway;
  const decisions: GatewayEvents['call-route'][] = [];
  beforeEach(async () => {
    decisions.length = 0;
    const baseUrl = 'http://127.0.0.1:1';
    gateway = createGateway({
      providers: [
        openai({ apiKey: 'sk-test', baseUrl }),
        anthropic({ apiKey: 'sk-ant-test', baseUrl }),
        google({ apiKey: 'google-test', baseUrl }),
      ],
      retry: { retries: 0 },
      routing: { coolDown: false },
    });
    gateway.on('call-route', (event) => void decisions.push(event));
  });
  afterEach(() => gateway.close());

  const routed = async (prompt: string, model?: string) => {
    const failure = await gateway.chat({ prompt, model }).catch((error: { code: ErrorCode }) => error.code);
    return { failure, decision: decisions.at(-1)?.decision };
  };

  test('a small question goes to an economy model and a large refactoring to a premium one, with the reason', async () => {
    const small = await routed('What is 2+2?');
    expect(small.decision).toMatchObject({ tier: 'economy', task: { category: 'simple_qa' } });
    expect(small.decision?.candidates[0]?.info?.tier).toBe('economy');
    expect(small.decision?.candidates[0]?.reason).toMatch(/cheapest ready economy model.*simple_qa/);
    const large = await routed(REFACTORING);
    expect(large.decision).toMatchObject({ tier: 'premium', task: { category: 'refactor' } });
    expect(large.decision?.candidates[0]?.info?.tier).toBe('premium');
    expect(large.decision?.candidates[0]?.reason).toMatch(/cheapest ready premium model.*refactor/);
  });

  test('names do what a user expects of them', async () => {
    const first = ({ decision }: Awaited<ReturnType<typeof routed>>) => decision?.candidates[0];
    expect(first(await routed('Hi', 'openai:gpt-4o'))).toMatchObject({ provider: 'openai', model: 'gpt-4o' });
    const retired = first(await routed('Hi', 'gpt-4'));
    expect(retired?.info?.tier).toBe('premium');
    expect(retired?.reason).toContain('"gpt-4" is an alias');
    expect(first(await routed('Hi', 'tier:standard'))?.info?.tier).toBe('standard');
    expect(first(await routed('Hi', 'auto'))?.info?.tier).toBe('economy');
    decisions.length = 0;
    const typo = await gateway.chat({ prompt: 'Hi', model: 'gpt-4o-mni' }).catch((error: unknown) => error);
    expect(typo).toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: expect.stringMatching(/Did you mean "gpt-4o-mini"/),
    });
    expect(decisions).toEqual([]);
  });

  test('candidates of other vendors stand behind the first, each with what it may cost', async () => {
    const { decision } = await routed('What is 2+2?');
    expect(new Set(decision?.candidates.map(({ provider }) => provider)).size).toBeGreaterThan(1);
    for (const { estimatedCostUsd } of decision?.candidates ?? [])
      expect(estimatedCostUsd).toBeGreaterThan(0);
  });
});

/** An OpenAI-compatible server that can be killed. */
const startVendor = async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => {
      const message = { role: 'assistant', content: 'Four.' };
      const body = {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'small',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked: () => asked,
    async kill() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

test('killing the first vendor costs each following call one failed attempt at most', async () => {
  const [cheap, dear] = [await startVendor(), await startVendor()];
  const vendor = (id: string, baseUrl: string, price: number) =>
    openaiCompatible({
      id,
      baseUrl,
      apiKey: 'a-key',
      models: [{ id: 'small', tier: 'economy', price: { input: price, output: price } }],
    });
  const gateway = createGateway({
    providers: [vendor('cheap', cheap.baseUrl, 1), vendor('dear', dear.baseUrl, 2)],
  });
  const ask = () => gateway.chat({ prompt: 'What is 2+2?' });
  for (let call = 0; call < 3; call++) expect((await ask()).route.provider).toBe('cheap');
  await cheap.kill();
  const ids: string[] = [];
  for (let call = 0; call < 20; call++) {
    const reply = await ask();
    expect(reply).toMatchObject({ text: 'Four.', route: { provider: 'dear' } });
    ids.push(reply.id);
  }
  await gateway.ledger.flush();
  let failed = 0;
  for (const groupId of ids) {
    const { rows } = await gateway.ledger.list({ groupId });
    expect(rows.length).toBeLessThanOrEqual(2);
    failed += rows.length - 1;
  }
  // Once it is known to be dead, nobody tries.
  expect(failed).toBe(3);
  expect(dear.asked()).toBe(20);
  await gateway.close();
  await dear.kill();
});

describe('single-model mode', () => {
  interface Outcome {
    readonly results: readonly (readonly [model: string, code: string, message: string])[];
    readonly loaded: readonly string[];
    readonly asked: readonly string[];
  }
  const run = async (...args: string[]): Promise<Outcome> => {
    await using child = startChild('tests/support/single-model.ts', { args });
    expect((await child.exit).code).toBe(0);
    return JSON.parse(child.stdout()) as Outcome;
  };

  test('without its key fails in a friendly way, sends nothing to anybody, and loads no SDK', async () => {
    await using stub = await startStub();
    const { results, loaded, asked } = await run(stub.url);
    expect(results.map(([model, code]) => [model, code])).toEqual([
      ['auto', 'MISSING_KEY'],
      ['tier:premium', 'MISSING_KEY'],
      ['openai:gpt-4o', 'PROVIDER_LOCKED'],
      ['gemini-2.5-pro', 'PROVIDER_LOCKED'],
      ['gpt-4', 'MISSING_KEY'],
    ]);
    expect(results[0]?.[2]).toContain('ANTHROPIC_API_KEY');
    expect(stub.asked).toEqual([]);
    expect(loaded).toEqual([]);
    expect(asked).toEqual(['anthropic']);
  });

  test('with its key loads and calls that provider alone, also when it fails', async () => {
    await using stub = await startStub();
    const { results, loaded } = await run(stub.url, 'sk-ant-test');
    expect(results.map(([, code]) => code)).toEqual([
      'OVERLOADED',
      'OVERLOADED',
      'PROVIDER_LOCKED',
      'PROVIDER_LOCKED',
      'OVERLOADED',
    ]);
    expect(loaded).toEqual(['@anthropic-ai/sdk']);
    expect(stub.asked.length).toBeGreaterThan(0);
    expect(stub.asked.filter((path) => !path.startsWith('/anthropic/'))).toEqual([]);
  });
});
