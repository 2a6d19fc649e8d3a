import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fixture, LLMock } from '@copilotkit/aimock';
import { createGateway, type Gateway } from '@millrace/core';
import { type ClaudeCliOptions, claudeCli } from '@millrace/providers/claude-cli';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { processesWith } from '../packages/providers/test/processes.ts';
import { startChild } from './support/child.ts';
import { claudeBinary } from './support/claude-binary.ts';
import { type RecordingProxy, startRecordingProxy } from './support/recording-proxy.ts';

// The real program, against an emulated API. Starting it takes half a second on an idle machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const command = claudeBinary();
if (command === undefined)
  console.warn(
    `The program claude is not here: its tests are left out. scripts/test-claude.sh installs it and runs them.`,
  );

const KEY = 'sk-ant-test-cli-0123456789';
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const USAGE = { input_tokens: 1_000, output_tokens: 100 };
const REFUSED = {
  error: { message: 'invalid x-api-key', type: 'authentication_error' },
  status: 401,
} as const;
const STORY = 'Once upon a time. '.repeat(200);

const fixtures: Fixture[] = [
  { match: { userMessage: 'Say hello' }, response: { content: 'Hello there.', usage: USAGE } },
  { match: { userMessage: 'Think' }, response: { reasoning: 'Let me see.', content: 'Thought.' } },
  { match: { userMessage: 'A long story' }, response: { content: STORY }, latency: 20 },
  { match: { userMessage: 'The end.' }, response: { content: 'Read to its end.' } },
  { match: { userMessage: 'And then?' }, response: { content: 'Then it ended.' } },
  { match: { userMessage: 'What is in the picture?' }, response: { content: 'A dot.' } },
  { match: { userMessage: '@secret.txt' }, response: { content: 'I see no file.' } },
  { match: { userMessage: '/cost' }, response: { content: 'I know no commands.' } },
  { match: { userMessage: 'Prose' }, response: { content: 'No JSON from me.' } },
  // The program insists on it by itself.
  { match: { userMessage: 'StructuredOutput' }, response: { content: 'Still none.' } },
  {
    match: { userMessage: 'Where is Paris?' },
    response: {
      toolCalls: [{ name: 'StructuredOutput', arguments: '{"country":"France","since":"0250-01-01"}' }],
    },
  },
  {
    match: { userMessage: 'Too fast' },
    response: { error: { message: 'Slow down.', type: 'rate_limit_error' }, status: 429 },
  },
  {
    match: { userMessage: 'Bad request' },
    response: { error: { message: 'Not like this.', type: 'invalid_request_error' }, status: 400 },
  },
  { match: { userMessage: 'Bad key' }, response: REFUSED },
  { match: { userMessage: 'the word yes', sequenceIndex: 0 }, response: { content: 'Yes.' } },
  { match: { userMessage: 'the word yes', sequenceIndex: 1 }, response: REFUSED },
];

describe.skipIf(command === undefined)('the real claude program', () => {
  let emulator: LLMock;
  let proxy: RecordingProxy;
  let home: string;
  const gateways: Gateway[] = [];

  beforeAll(async () => {
    emulator = new LLMock({ port: 0, host: '127.0.0.1', strict: true, chunkSize: 6 });
    emulator.addFixtures(fixtures);
    await emulator.start();
    proxy = await startRecordingProxy(emulator.url);
    home = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  });
  afterEach(async () => {
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    proxy.received.length = 0;
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await emulator.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const connect = (options: ClaudeCliOptions = {}): Gateway => {
    const provider = claudeCli({
      command,
      baseUrl: proxy.url,
      apiKey: KEY,
      killGraceMs: 1_000,
      ...options,
      env: { HOME: home, ...options.env },
    });
    const gateway = createGateway({ retry: { retries: 0 }, providers: [provider] });
    gateways.push(gateway);
    return gateway;
  };
  const model = 'claude-cli:opus';
  const lastBody = () => JSON.parse(proxy.received.at(-1)?.body ?? '{}');

  test('answers, with usage, the model that was served, and a cost', async () => {
    const reply = await connect().chat({
      model,
      messages: [
        { role: 'system', content: 'You are brief.' },
        { role: 'user', content: 'Say hello' },
      ],
    });
    expect(reply).toMatchObject({ text: 'Hello there.', finishReason: 'stop', warnings: [] });
    expect(reply.response.modelId).toMatch(/^claude-opus-/);
    expect(reply.usage).toMatchObject({
      inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0 },
      outputTokens: { total: 100 },
      estimated: false,
    });
    expect(reply.cost.costUsd).toBeGreaterThan(0);
    // The program's own prices and ours are of the same list.
    expect(reply.providerMetadata?.['claude-cli']?.['costUsd']).toBeCloseTo(reply.cost.costUsd ?? 0, 6);
    expect(proxy.received).toHaveLength(1);
    expect(proxy.received[0]?.headers['x-api-key']).toBe(KEY);
    expect(JSON.stringify(lastBody().system)).toContain('You are brief.');
    expect(lastBody().tools ?? []).toEqual([]);
  });

  test('streams text and reasoning in pieces', async () => {
    const types: string[] = [];
    let reasoning = '';
    for await (const event of connect().stream({ model, prompt: 'Think' })) {
      types.push(event.type);
      if (event.type === 'reasoning-delta') reasoning += event.delta;
    }
    expect(reasoning).toBe('Let me see.');
    expect(types.filter((type) => type === 'text-delta').length).toBeGreaterThan(1);
    expect([types[0], types.at(-1)]).toEqual(['stream-start', 'finish']);
  });

  test('takes a prompt of a megabyte, which is no argument of it', async () => {
    const prompt = `${'All work and no play. '.repeat(50_000)}The end.`;
    expect((await connect().chat({ model, prompt })).text).toBe('Read to its end.');
    expect(proxy.received[0]?.body.length).toBeGreaterThan(1_000_000);
  });

  test('is handed a conversation turn by turn', async () => {
    await connect().chat({
      model,
      messages: [
        { role: 'user', content: 'First' },
        { role: 'assistant', content: 'Once.' },
        { role: 'user', content: 'Second' },
        { role: 'assistant', content: 'Twice.' },
        { role: 'user', content: 'And then?' },
      ],
    });
    expect(proxy.received).toHaveLength(1);
    const said = lastBody().messages.flatMap(({ role, content }: { role: string; content: unknown }) =>
      [content]
        .flat()
        .map((part) => `${role}: ${typeof part === 'string' ? part : (part as { text: string }).text}`),
    );
    expect(
      said.filter((line: string) => !line.startsWith('system') && !line.includes('system-reminder')),
    ).toEqual(['user: First', 'assistant: Once.', 'user: Second', 'assistant: Twice.', 'user: And then?']);
  });

  test('passes on an image', async () => {
    const image = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: PIXEL } } as const;
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'What is in the picture?' }, image] },
    ] as const;
    expect((await connect().chat({ model, messages })).text).toBe('A dot.');
    expect(proxy.received[0]?.body).toContain(PIXEL);
  });

  test('reads no file that a prompt names, and runs no command', async () => {
    const workingDirectory = join(home, 'work');
    mkdirSync(workingDirectory);
    writeFileSync(join(workingDirectory, 'secret.txt'), 'canary-of-a-file');
    writeFileSync(join(workingDirectory, 'CLAUDE.md'), 'canary-of-a-project');
    const gateway = connect({ workingDirectory });
    // What the program attaches besides depends on whether it has tools.
    for (const asked of [gateway, connect({ workingDirectory, tools: ['WebSearch'] })])
      expect((await asked.chat({ model, prompt: 'Look at @secret.txt' })).text).toBe('I see no file.');
    expect((await gateway.chat({ model, prompt: '/cost' })).text).toBe('I know no commands.');
    expect(JSON.stringify(proxy.received)).not.toContain('canary');
  });

  test('answers in JSON that fits a schema, and fails where the answer is prose', async () => {
    const schema = {
      type: 'object',
      properties: { country: { type: 'string' }, since: { type: 'string', format: 'date' } },
      required: ['country', 'since'],
    } as const;
    const responseFormat = { type: 'json', schema } as const;
    const gateway = connect();
    const reply = await gateway.chat({ model, prompt: 'Where is Paris?', responseFormat });
    expect(JSON.parse(reply.text)).toEqual({ country: 'France', since: '0250-01-01' });
    expect(reply.finishReason).toBe('stop');
    await expect(gateway.chat({ model, prompt: 'Prose', responseFormat })).rejects.toMatchObject({
      code: 'INVALID_OUTPUT',
    });
  });

  test.each([
    ['Bad request', 'BAD_REQUEST', /Not like this/],
    ['Bad key', 'AUTHENTICATION', /API key/],
    ['Too fast', 'RATE_LIMITED', /./],
  ] as const)('%s is the error %s', async (prompt, code, message) => {
    const failing = connect().chat({ model, prompt });
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    // What is refused as it stands it tries in another form.
    if (code !== 'BAD_REQUEST') expect(proxy.received).toHaveLength(1);
  });

  test('an API that is not there and a login that is not there are told apart', async () => {
    const ask = (options: ClaudeCliOptions) => connect(options).chat({ model, prompt: 'Say hello' });
    await expect(ask({ baseUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(ask({ apiKey: undefined })).rejects.toMatchObject({
      code: 'AUTHENTICATION',
      message: expect.stringContaining('sign in'),
    });
  });

  test('says whether it is signed in, and whether a key works', async () => {
    const verify = async (options: ClaudeCliOptions) =>
      (await connect(options).registry.verify('claude-cli')).status;
    expect(await verify({ apiKey: undefined })).toBe('missing');
    expect(await verify({})).toBe('verified');
    expect(await verify({})).toBe('invalid');
    expect(await verify({ command: 'no-such-claude' })).toBe('unreachable');
  });

  describe.runIf(process.platform === 'linux')('leaves nothing behind', () => {
    test.each(['cancelled', 'left early'])('when a stream is %s', async (how) => {
      const mark = randomUUID();
      const temporary = mkdtempSync(join(tmpdir(), 'millrace-test-'));
      vi.stubEnv('TMPDIR', temporary);
      const controller = new AbortController();
      const provider = claudeCli({ command, baseUrl: proxy.url, env: { HOME: home, MARK: mark } });
      const request = {
        model: 'opus',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'A long story' }] }],
      } as const;
      const { signal } = controller;
      const call = async (): Promise<void> => {
        const context = { credential: { apiKey: KEY }, signal, delivery: 'incremental' } as const;
        for await (const event of provider.stream(request, context)) {
          if (event.type !== 'text-delta') continue;
          expect(processesWith(mark).length).toBeGreaterThan(0);
          if (how === 'left early') break;
          controller.abort(new Error('enough'));
        }
      };
      try {
        const end = call();
        if (how === 'cancelled') await expect(end).rejects.toMatchObject({ code: 'CANCELLED' });
        else await end;
        expect(processesWith(mark)).toEqual([]);
        expect(readdirSync(temporary)).toEqual([]);
      } finally {
        vi.unstubAllEnvs();
        rmSync(temporary, { recursive: true, force: true });
      }
    });

    test('when the host ends in the middle', async () => {
      const mark = randomUUID();
      const args = [command ?? '', proxy.url, KEY, home, mark];
      await using host = startChild('tests/support/claude-host.ts', { args, environment: { TMPDIR: home } });
      expect(await host.exit).toMatchObject({ code: 0 });
      expect(host.stdout()).toBe('answering\n');
      await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), { timeout: 5_000 });
    });
  });
});
