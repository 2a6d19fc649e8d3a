import type { LedgerRecord } from '@millrace/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ChaosUpstream, startChaosUpstream } from './support/chaos-upstream.ts';
import { startChild } from './support/child.ts';
import { type ExampleServer, startApart, startHere } from './support/example-server.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const MODEL = 'gpt-4o';
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Count.' }];

let upstream: ChaosUpstream;
beforeAll(async () => {
  upstream = await startChaosUpstream();
});
afterAll(() => upstream.close());

describe.each([
  ['in this process', startHere],
  ['in a process of its own', startApart],
])('the example server %s', (_where, start) => {
  let server: ExampleServer;
  beforeAll(async () => {
    server = await start(upstream.baseUrl);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const newest = async (): Promise<LedgerRecord | undefined> => (await server.records())[0];

  /** The upstream has lost its reader long before it was done, and the ledger knows what the call cost. */
  const expectCancelled = async (before: number, taskId?: string): Promise<void> => {
    await vi.waitFor(() => expect(upstream.active()).toBe(0), 3_000);
    expect(upstream.requests.length).toBe(before + 1);
    expect(upstream.requests.at(-1)).toMatchObject({ closedEarly: true, finished: false });
    await vi.waitFor(async () => expect(await newest()).toMatchObject({ status: 'cancelled' }), 3_000);
    const record = await newest();
    expect(record).toMatchObject({
      errorCode: 'CANCELLED',
      provider: 'openai',
      model: MODEL,
      estimated: true,
    });
    expect(record?.tokensIn).toBeGreaterThan(0);
    expect(record?.costUsd).toBeGreaterThan(0);
    if (taskId !== undefined) expect(record?.id).toBe(taskId);
  };

  test('cancels the call of a client that is killed in the middle of a stream', async () => {
    const before = upstream.requests.length;
    await using client = startChild('tests/support/streaming-client.ts', { args: [server.baseUrl, MODEL] });
    await client.output(/3 4 5/);
    client.process.kill('SIGKILL');
    await expectCancelled(before);
    expect((await newest())?.tokensOut).toBeGreaterThan(0);
  });

  test('cancels the call of a client that aborts a stream', async () => {
    const before = upstream.requests.length;
    const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'not-needed', maxRetries: 0 });
    const controller = new AbortController();
    const { data: stream, response } = await client.chat.completions
      .create({ model: MODEL, messages, stream: true }, { signal: controller.signal })
      .withResponse();
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (text.includes('4 ')) controller.abort();
    }
    await expectCancelled(before, response.headers.get('x-task-id') ?? '');
    expect((await newest())?.tokensOut).toBeGreaterThan(0);
  });

  test('cancels the call of a client that aborts while it waits for a whole answer', async () => {
    const before = upstream.requests.length;
    const client = new OpenAI({ baseURL: server.baseUrl, apiKey: 'not-needed', maxRetries: 0 });
    const controller = new AbortController();
    const answer = client.chat.completions.create(
      { model: 'openai:silence', messages },
      { signal: controller.signal },
    );
    answer.catch(() => undefined);
    await vi.waitFor(() => expect(upstream.requests.length).toBe(before + 1), 3_000);
    controller.abort();
    await expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
    await vi.waitFor(() => expect(upstream.active()).toBe(0), 3_000);
    expect(upstream.requests.at(-1)).toMatchObject({ closedEarly: true });
    await vi.waitFor(async () => {
      expect(await newest()).toMatchObject({ status: 'cancelled', operation: 'chat', model: 'silence' });
    }, 3_000);
  });
});
