import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway, type Reply } from '@millrace/core';
import { ERROR_CODES, MillraceError, type ModelEvent, type ModelRequest } from '@millrace/core/model';
import type { CallContext } from '@millrace/core/provider';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { replyOf } from '../../test/answers.js';
import { processesWith } from '../../test/processes.js';
import { type ClaudeCliOptions, claudeCli } from './index.js';

// Starting processes takes its time on a busy machine.
vi.setConfig({ testTimeout: 20_000 });
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const COMMAND = fileURLToPath(new URL('../../test/scripted-claude.mjs', import.meta.url));
const KEY = 'sk-ant-canary-0123456789';

const request: ModelRequest = {
  model: 'opus',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};
const provide = (scenario = 'answer', options: ClaudeCliOptions = {}) =>
  claudeCli({ command: COMMAND, killGraceMs: 200, ...options, env: { SCENARIO: scenario, ...options.env } });
const context = (options: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  delivery: 'whole',
  ...options,
});
const ask = async (
  scenario?: string,
  asked: Partial<ModelRequest> = {},
  options?: ClaudeCliOptions,
  given?: Partial<CallContext>,
): Promise<Reply> => {
  const events: ModelEvent[] = [];
  for await (const event of provide(scenario, options).stream({ ...request, ...asked }, context(given)))
    events.push(event);
  return replyOf(events);
};
const failure = async (...call: Parameters<typeof ask>): Promise<MillraceError> => {
  const error: unknown = await ask(...call).catch((reason: unknown) => reason);
  if (!MillraceError.isInstance(error)) throw new Error(`It did not fail: ${JSON.stringify(error)}`);
  return error;
};

interface Told {
  readonly args: string[];
  readonly lines: { type: string; message: { content: object[] }; shouldQuery?: boolean }[];
  readonly system: string;
  readonly cwd: string;
  readonly environment: Record<string, string>;
}
/** What the program was started with. */
const started = async (...call: Parameters<typeof ask>): Promise<Told & { features: string[] }> => {
  const reply = await ask(...call);
  const features = reply.warnings.map((one) =>
    'feature' in one ? `${one.type} ${one.feature}` : one.message,
  );
  return { ...(JSON.parse(reply.text) as Told), features };
};
/** What is left of the calls of a test. */
const folders = (): string[] => readdirSync(temporary);

describe('how the program is started', () => {
  test('4.6.5 it inherits an allow-list alone, and takes no settings of the user or folder', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'canary');
    vi.stubEnv('ANTHROPIC_API_KEY', 'canary');
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://canary');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary');
    vi.stubEnv('CLAUDECODE', '1');
    vi.stubEnv('LC_TIME', 'de_DE.UTF-8');
    vi.stubEnv('HTTPS_PROXY', 'http://proxy:1');
    const { args, environment } = await started('answer', {}, { env: { MINE: 'mine' } });
    expect(JSON.stringify(environment)).not.toContain('canary');
    expect(environment).toMatchObject({
      PATH: process.env['PATH'],
      LC_TIME: 'de_DE.UTF-8',
      HTTPS_PROXY: 'http://proxy:1',
      MINE: 'mine',
      CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
      CLAUDE_CODE_MAX_RETRIES: '0',
    });
    expect(environment['CLAUDECODE']).toBeUndefined();
    expect(args).toEqual(
      expect.arrayContaining(['--setting-sources=', '--strict-mcp-config', '--no-session-persistence']),
    );
  });

  test('a key goes into its environment only, an API key and a token of a subscription each by its name', async () => {
    const credential = { apiKey: KEY };
    const told = await started('answer', {}, { baseUrl: 'http://127.0.0.1:9/v1/' }, { credential });
    expect(told.environment).toMatchObject({
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    });
    expect(JSON.stringify([told.args, told.lines])).not.toContain(KEY);
    const token = { credential: { apiKey: 'sk-ant-oat01-canary' } };
    const { environment } = await started('answer', {}, {}, token);
    expect(environment['CLAUDE_CODE_OAUTH_TOKEN']).toBe('sk-ant-oat01-canary');
    expect(environment['ANTHROPIC_API_KEY']).toBeUndefined();
  });

  test('it runs in an empty folder that is removed, or where it is told to', async () => {
    const { cwd, environment } = await started();
    expect(cwd).toContain('millrace-claude-');
    expect(environment['TMPDIR']).toContain('millrace-claude-');
    expect((await started('answer', {}, { workingDirectory: import.meta.dirname })).cwd).toBe(
      import.meta.dirname,
    );
    expect(folders()).toEqual([]);
  });

  test('4.6.1 its own tools are off, and a request chooses among those that the host allows', async () => {
    expect((await started()).args).toEqual(expect.arrayContaining(['--tools', '']));
    const options = { tools: ['WebSearch', 'Bash(git *)'] };
    const all = (await started('answer', {}, options)).args.join(' ');
    expect(all).toContain('--tools WebSearch,Bash --allowedTools WebSearch Bash(git *)');
    const providerOptions = { 'claude-cli': { tools: ['WebSearch'] } };
    expect((await started('answer', { providerOptions }, options)).args.join(' ')).toContain(
      '--tools WebSearch --allowedTools WebSearch',
    );
    const foreign = { providerOptions: { 'claude-cli': { tools: ['Bash'] } } };
    expect(await failure('answer', foreign, options)).toMatchObject({ code: 'BAD_REQUEST' });
    expect(() => claudeCli({ tools: ['--dangerously-skip-permissions'] })).toThrow(/is no tool/);
  });

  test('a model is a name, never a flag', async () => {
    expect((await started('answer', { model: 'opus[1m]' })).args).toContain('--model=opus[1m]');
    expect(await failure('answer', { model: '--dangerously-skip-permissions' })).toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  test('4.6.4 what it has no setting for is left out with a warning', async () => {
    const { features } = await started('answer', {
      maxOutputTokens: 5,
      temperature: 0,
      topP: 1,
      stopSequences: ['x'],
      seed: 1,
      headers: { a: 'b' },
      tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'required' },
    });
    expect(features).toEqual(
      [
        'maxOutputTokens',
        'temperature',
        'topP',
        'stopSequences',
        'seed',
        'headers',
        'tools',
        'toolChoice',
      ].map((name) => `unsupported ${name}`),
    );
  });

  test('effort is a flag, and no thinking a variable', async () => {
    expect((await started('answer', { reasoning: 'xhigh' })).args).toContain('--effort=xhigh');
    const least = await started('answer', { reasoning: 'minimal' });
    expect(least.args).toContain('--effort=low');
    const none = await started('answer', { reasoning: 'none' });
    expect(none.environment['MAX_THINKING_TOKENS']).toBe('0');
    expect([...least.features, ...none.features]).toEqual([
      'compatibility reasoning',
      'compatibility reasoning',
    ]);
  });
});

describe('a conversation', () => {
  test('one that does not end with the user is refused, and so is a program that answers history anew', async () => {
    const messages = [{ role: 'assistant', content: [{ type: 'text', text: 'Yes' }] }] as const;
    expect(await failure('answer', { messages })).toMatchObject({ code: 'BAD_REQUEST' });
    const history = [...request.messages, ...messages, ...request.messages];
    const error = await failure('too-old', { messages: history });
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('claude update') });
  });
});

describe('an answer', () => {
  test('4.6.2 costs are cumulative and sub-agents counted once', async () => {
    const gateway = createGateway({ providers: [provide('costs')] });
    const reply = await gateway.chat({ model: 'claude-cli:opus', prompt: 'Hi' });
    await gateway.close();
    expect(reply.text).toBe('One.Two.');
    expect(reply.providerMetadata).toMatchObject({ 'claude-cli': { costUsd: 0.75 } });
    expect(reply.usage).toMatchObject({
      inputTokens: { total: 1_150, noCache: 1_150 },
      outputTokens: { total: 115 },
      raw: { total_cost_usd: 0.75 },
    });
    // At the price of the model that answered, 5 and 25 dollars a million.
    expect(reply.response.modelId).toBe('claude-opus-4-8');
    expect(reply.cost).toMatchObject({ costUsd: (1_150 * 5 + 115 * 25) / 1e6, estimated: false });
  });

  test('one that did not come in pieces is not lost, and tools of the program leave no calls', async () => {
    expect((await ask('unstreamed')).text).toBe('At once.');
    const reply = await ask('tool');
    expect(reply).toMatchObject({ text: 'It says so.', toolCalls: [], finishReason: 'stop' });
    expect(reply.providerMetadata?.['claude-cli']).toMatchObject({ turns: 2, deniedTools: 1 });
  });

  test('a program that stays after its result is ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asking = ask('lingers');
      const ticking = setInterval(() => vi.advanceTimersByTime(1_000), 50);
      expect((await asking).finishReason).toBe('stop');
      clearInterval(ticking);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('failures are told apart', () => {
  test.each([
    ['malformed', 'INVALID_RESPONSE', /not JSON/],
    ['exit-3', 'SERVER_ERROR', /ended with code 3/],
    ['exit-3-midway', 'INTERRUPTED', /ended with code 3/],
    ['no-result', 'INTERRUPTED', /before it was done/],
    ['signal', 'INTERRUPTED', /SIGKILL/],
  ] as const)('%s is %s', async (scenario, code, message) => {
    expect(ERROR_CODES).toHaveProperty(code);
    expect(await failure(scenario)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('an answer in prose where JSON was asked for, and giving up on a schema, are no answers', async () => {
    const responseFormat = { type: 'json', schema: { type: 'object' } } as const;
    for (const scenario of ['prose', 'gives-up'])
      expect(await failure(scenario, { responseFormat })).toMatchObject({ code: 'INVALID_OUTPUT' });
  });

  test('what it said on standard error is shortened and holds no key', async () => {
    const { message } = await failure('exit-3', {}, {}, { credential: { apiKey: KEY } });
    expect(message).toContain('the end');
    expect(message.length).toBeLessThan(500);
    const secret = { ANTHROPIC_API_KEY: 'plain-canary-value' };
    const other = await failure('exit-3', {}, { env: secret });
    expect(`${message}${other.message}`).not.toContain('canary');
  });

  test('a missing program, a missing folder and something that is no program', async () => {
    expect(await failure('answer', {}, { command: 'no-such-claude' })).toMatchObject({
      code: 'MISSING_PACKAGE',
      message: expect.stringContaining('npm install -g @anthropic-ai/claude-code'),
    });
    expect(await failure('answer', {}, { workingDirectory: '/no/such/folder' })).toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('/no/such/folder'),
    });
    const noProgram = fileURLToPath(new URL('models.ts', import.meta.url));
    expect(await failure('answer', {}, { command: noProgram })).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(folders()).toEqual([]);
    vi.stubEnv('TMPDIR', '/no/such/folder');
    expect(await failure()).toMatchObject({ code: 'STORAGE' });
  });
});

describe.runIf(process.platform === 'linux')('no process is left', () => {
  const marked = () => {
    const mark = randomUUID();
    return { mark, options: { env: { MARK: mark } } };
  };

  test('of a program and its own children that take no notice, when the call is cancelled', async () => {
    const { mark, options } = marked();
    const controller = new AbortController();
    const call = async (): Promise<void> => {
      const stream = provide('stubborn', options).stream(request, context({ signal: controller.signal }));
      for await (const event of stream) {
        if (event.type !== 'text-delta') continue;
        expect(processesWith(mark)).toHaveLength(2);
        controller.abort(new Error('enough'));
      }
    };
    await expect(call()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(processesWith(mark)).toEqual([]);
  });

  test('when the consumer leaves early', async () => {
    const { mark, options } = marked();
    for await (const event of provide('stubborn', options).stream(request, context()))
      if (event.type === 'text-delta') break;
    expect(processesWith(mark)).toEqual([]);
    expect(folders()).toEqual([]);
  });

  test('of what an answer has left behind, though its parent is gone', async () => {
    const { mark, options } = marked();
    expect((await ask('orphan', {}, options)).text).toBe('Done');
    expect(processesWith(mark)).toEqual([]);
  });

  test('when the call is cancelled before it begins', async () => {
    const { mark, options } = marked();
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await failure('stubborn', {}, options, { signal })).toMatchObject({ code: 'CANCELLED' });
    expect(processesWith(mark)).toEqual([]);
  });
});

describe('verify', () => {
  const verify = (scenario: string, given: Partial<CallContext> = {}) =>
    provide(scenario).verify?.(context(given));

  test('without a key it asks whether the program is signed in', async () => {
    expect(await verify('signed-in')).toMatchObject({ status: 'verified' });
    expect(await verify('signed-out')).toMatchObject({ status: 'missing' });
    await expect(verify('odd-status')).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  test('with a key it has the shortest answer begun', async () => {
    expect(await verify('answer', { credential: { apiKey: KEY } })).toMatchObject({ status: 'verified' });
  });
});
