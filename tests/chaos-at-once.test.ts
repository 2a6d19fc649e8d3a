import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { createGateway, type ErrorCode, type Gateway, MillraceError } from '@millrace/core';
import { openai } from '@millrace/providers/openai';
import { createHandler } from '@millrace/server-adapter';
import { toNodeListener } from '@millrace/server-adapter/node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CHAOS_CASES, STREAM_ONLY_CASES } from './support/chaos-cases.ts';
import { type ChaosUpstream, startChaosUpstream } from './support/chaos-upstream.ts';

const COPIES = 5;
/** Long enough that nothing but silence meets it, however busy the machine is. */
const LIMIT_MS = 3_000;

/** One call, and how it must end. */
interface Planned {
  readonly model: string;
  readonly stream: boolean;
  readonly code: ErrorCode;
}

const PLAN: readonly Planned[] = [
  ...CHAOS_CASES.map(({ model, chat }) => ({ model, stream: false, code: chat })),
  ...[...CHAOS_CASES, ...STREAM_ONLY_CASES].map(({ model, stream }) => ({
    model,
    stream: true,
    code: stream,
  })),
];
/** Every call in several copies, the kinds mixed. */
const CALLS = Array.from({ length: COPIES }, () => PLAN).flat();

let upstream: ChaosUpstream;
let gateway: Gateway;
let server: Server;
let agent: Agent;
const rejections: unknown[] = [];
const onRejection = (error: unknown): void => void rejections.push(error);

beforeEach(async () => {
  process.on('unhandledRejection', onRejection);
  upstream = await startChaosUpstream();
  gateway = createGateway({
    retry: { retries: 0 },
    providers: [openai({ baseUrl: upstream.baseUrl, apiKey: 'sk-test-chaos' })],
    timeLimits: { firstEventMs: LIMIT_MS, idleMs: LIMIT_MS },
  });
  server = createServer(toNodeListener(createHandler({ gateway })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  agent = new Agent({ keepAlive: false });
});
afterEach(async () => {
  agent.destroy();
  await new Promise((resolve) => server.close(resolve));
  await gateway.close();
  await upstream.close();
  process.off('unhandledRejection', onRejection);
});

const connections = (): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));

/** Nothing is running any more, upstream or here, and nobody was left waiting for a rejection. */
const expectQuiet = async (): Promise<void> => {
  await vi.waitFor(async () => {
    expect(upstream.active()).toBe(0);
    expect(await connections()).toBe(0);
  }, 5_000);
  expect(rejections).toEqual([]);
};

const post = (model: string, stream: boolean): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({
      model: `openai:${model}`,
      stream,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    request({
      agent,
      port: (server.address() as AddressInfo).port,
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });

const codeOf = async ({ model, stream }: Planned): Promise<ErrorCode | undefined> => {
  const asked = { model: `openai:${model}`, prompt: 'Hi' };
  try {
    await (stream ? gateway.stream(asked).reply() : gateway.chat(asked));
    return undefined;
  } catch (error) {
    if (MillraceError.isInstance(error)) return error.code;
    throw error;
  }
};

/** How many calls ended in which way, by the ledger. */
const tally = async (): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  const { rows } = await gateway.ledger.list({ limit: 1_000 });
  for (const { operation, model, errorCode } of rows) {
    const kind = `${operation} ${model}: ${errorCode}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};
const planned = Object.fromEntries(
  PLAN.map(({ stream, model, code }) => [`${stream ? 'stream' : 'chat'} ${model}: ${code}`, COPIES]),
);

test('every failure at once: each call of the gateway ends as it does alone, with one record each', async () => {
  const codes = await Promise.all(CALLS.map(codeOf));
  expect(codes).toEqual(CALLS.map(({ code }) => code));
  expect(await tally()).toEqual(planned);
  await expectQuiet();
}, 30_000);

test('every failure at once over HTTP: no stream is taken for complete, with one record each', async () => {
  const texts = await Promise.all(CALLS.map(async ({ model, stream }) => readAll(await post(model, stream))));
  for (const text of texts) {
    expect(text).toContain('"error":{"message":"');
    expect(text).not.toContain('[DONE]');
  }
  expect(await tally()).toEqual(planned);
  await expectQuiet();
}, 30_000);

test('clients that leave in the middle of their streams leave nothing running', async () => {
  const clients = 60;
  await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const response = await post('gpt-4o', true);
      // Some leave at the first byte, some later; some say nothing and reset the connection.
      let pieces = 0;
      for await (const _piece of response) if (++pieces > index % 4) break;
      if (index % 2 === 0) response.socket.resetAndDestroy();
      else response.destroy();
    }),
  );
  await expectQuiet();
  expect(await tally()).toEqual({ 'stream gpt-4o: CANCELLED': clients });
  expect(upstream.requests.every(({ closedEarly }) => closedEarly)).toBe(true);
}, 30_000);

test('callers who abort while a failure is on its way get one error, and leave one record', async () => {
  const outcomes = await Promise.all(
    CALLS.map(async ({ model, stream }, index) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), index % 40);
      const asked = { model: `openai:${model}`, prompt: 'Hi', signal: controller.signal };
      return (stream ? gateway.stream(asked).reply() : gateway.chat(asked)).then(
        () => 'answered',
        (error: unknown) => (MillraceError.isInstance(error) ? error.code : error),
      );
    }),
  );
  const codes = new Set(['CANCELLED', ...PLAN.map(({ code }) => code)]);
  for (const outcome of outcomes) expect(codes).toContain(outcome);
  expect(outcomes).toContain('CANCELLED');
  expect((await gateway.ledger.list({ limit: 1_000 })).rows).toHaveLength(CALLS.length);
  await expectQuiet();
}, 30_000);
