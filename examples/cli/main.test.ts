import { execFile } from 'node:child_process';
import { createGateway } from '@millrace/core';
import type { CallLabels } from '@millrace/core/gateway';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { simulated } from '@millrace/providers/simulated';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ChaosUpstream, startChaosUpstream } from '../../tests/support/chaos-upstream.ts';
import { type Child, type ChildOptions, childCommand, startChild } from '../../tests/support/child.ts';
import { type ScratchFolder, scratchFolder } from '../../tests/support/scratch-folder.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SCRIPT = 'examples/cli/main.ts';
const KEY = 'sk-test-cli-0123456789';

let upstream: ChaosUpstream;
let folder: ScratchFolder;
beforeAll(async () => {
  upstream = await startChaosUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => folder[Symbol.dispose]());

const start = (args: readonly string[], options: ChildOptions = {}): Child =>
  startChild(SCRIPT, { cwd: folder.path, ...options, args });

const run = async (args: readonly string[], options?: ChildOptions) => {
  await using child = start(args, options);
  const { code } = await child.exit;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
};

const withUpstream = () => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: upstream.baseUrl });

const records = async () => {
  const ledger = sqliteLedger({ path: folder.file('.millrace/ledger.db') });
  try {
    return (await ledger.list()).rows;
  } finally {
    await ledger.close();
  }
};

describe('millrace chat', () => {
  test('writes the answer and nothing else', async () => {
    const { code, stdout, stderr } = await run(['chat', 'Count.', '-m', 'gpt-4o-mini'], {
      environment: withUpstream(),
    });
    expect(stdout).toMatch(/^0 1 2 [\d ]+ 199 \n$/);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(await records()).toMatchObject([{ status: 'success', model: 'gpt-4o-mini', tokensOut: 200 }]);
  });

  test('reads the prompt from a pipe', async () => {
    const { code, stdout } = await run(['chat'], { input: 'Hello from a pipe\n' });
    expect(stdout).toContain('Hello from a pipe');
    expect(code).toBe(0);
  });

  test('shows the answer while it grows', async () => {
    await using child = start(['chat', 'Count.', '-m', 'gpt-4o'], { environment: withUpstream() });
    await child.output(/0 1 2/);
    expect(child.process.exitCode).toBeNull();
    expect(upstream.requests.at(-1)?.finished).toBe(false);
  });

  test('ends quietly when the reader of its output has enough, and cancels the call', async () => {
    const command = childCommand(SCRIPT, { args: ['chat', 'Count.', '-m', 'gpt-4o'] });
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
      const environment = { ...command.environment, ...withUpstream() };
      execFile(
        'sh',
        ['-c', '"$@" | head -c 5', 'sh', command.file, ...command.args],
        { cwd: folder.path, env: environment },
        (error, out, notes) => (error === null ? resolve({ stdout: out, stderr: notes }) : reject(error)),
      );
    });
    expect(stdout).toBe('0 1 2');
    expect(stderr).toBe('');
    await vi.waitFor(() => expect(upstream.active()).toBe(0), 3_000);
    expect(upstream.requests.at(-1)).toMatchObject({ closedEarly: true });
    expect(await records()).toMatchObject([{ status: 'cancelled' }]);
  });

  test('is cancelled by Ctrl-C, ends with 130 and keeps the account', async () => {
    await using child = start(['chat', 'Count.', '-m', 'gpt-4o'], { environment: withUpstream() });
    await child.output(/0 1 2/);
    child.process.kill('SIGINT');
    expect(await child.exit).toEqual({ code: 130, signal: null });
    expect(child.stderr()).toBe('');
    expect(upstream.requests.at(-1)).toMatchObject({ closedEarly: true });
    const [record] = await records();
    expect(record).toMatchObject({ status: 'cancelled', errorCode: 'CANCELLED', estimated: true });
    expect(record?.costUsd).toBeGreaterThan(0);
  });

  test.each([
    ['no prompt', ['chat'], {}, /^millrace: There is nothing to ask\..*\n$/],
    [
      'a bad key',
      ['chat', 'Hi', '-m', 'openai:bad-key'],
      { key: true },
      /^millrace: .*\(AUTHENTICATION\)\n$/,
    ],
    [
      'an unknown model',
      ['chat', 'Hi', '-m', 'gpt-4o-minni'],
      { key: true },
      /gpt-4o-mini.*\(UNKNOWN_MODEL\)\n$/,
    ],
    ['a vendor that is down', ['chat', 'Hi', '-m', 'openai:cut-before'], { key: true }, /\(NETWORK\)\n$/],
    ['an unknown command', ['chatt', 'Hi'], {}, /^millrace: There is no command "chatt"\..*\n$/],
    ['an unknown option', ['chat', '--modell', 'x'], {}, /^millrace: .*--modell.*\n$/],
    ['a wrong number', ['usage', '--days', 'many'], {}, /^millrace: --days must be a number above 0.*\n$/],
  ])(
    'says in one sentence what is wrong: %s',
    async (_name, args, { key = false }: { key?: boolean }, said) => {
      const { code, stdout, stderr } = await run(args, { environment: key ? withUpstream() : {} });
      expect(stderr).toMatch(said);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).not.toContain(KEY);
      expect(stdout).toBe('');
      expect(code).toBe(1);
    },
  );

  test('shows how it is used', async () => {
    expect(await run([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage:') });
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage:'),
    });
  });
});

describe('millrace models', () => {
  test('lists what can be called, cheapest first', async () => {
    const { stdout, code } = await run(['models', '--json'], { environment: withUpstream() });
    const models = JSON.parse(stdout) as { id: string; price?: { input: number; output: number } }[];
    const blended = models.flatMap(({ price }) =>
      price === undefined ? [] : [3 * price.input + price.output],
    );
    expect(blended.length).toBeGreaterThan(5);
    expect(blended).toEqual(blended.toSorted((a, b) => a - b));
    expect(code).toBe(0);
    const table = await run(['models'], { environment: withUpstream() });
    expect(table.stdout).toMatch(/^openai:gpt-4o-mini .* 0\.15 /m);
  });
});

describe('millrace usage', () => {
  test('adds up the calls of the folder', async () => {
    expect((await run(['usage'])).stdout).toBe('No calls yet.\n');
    await run(['chat', 'Hi', '-m', 'gpt-4o-mini'], { environment: withUpstream() });
    await run(['chat', 'Hi', '-m', 'openai:server-error'], { environment: withUpstream() });
    const { stdout } = await run(['usage', '--json', '--days', '1']);
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          group: { provider: 'openai', model: 'gpt-4o-mini' },
          calls: 1,
          successes: 1,
        }),
        expect.objectContaining({
          group: { provider: 'openai', model: 'server-error' },
          calls: 1,
          successes: 0,
        }),
      ]),
    );
    expect((await run(['usage'])).stdout).toMatch(/^openai:gpt-4o-mini +1 +1 +12 +200 +\$0\.0001/m);
    expect((await run(['usage', '--by', 'category'])).stdout).toMatch(/^category +calls.*\nother +2 +1/m);
    expect((await run(['usage', '--csv'])).stdout.trim().split(/\r?\n/)).toHaveLength(5);
    expect((await run(['usage', '--by', 'colour'])).stderr).toContain('--by takes provider');
  });
});

describe('millrace usage of many callers', () => {
  beforeEach(async () => {
    const ledger = sqliteLedger({ path: folder.file('.millrace/ledger.db') });
    const gateway = createGateway({ providers: [simulated()], ledger });
    const call = (tier: string, labels: CallLabels) =>
      gateway.chat({ prompt: 'Hi', model: `simulated:simulated-${tier}`, ...labels });
    await call('economy', { user: 'ada', project: 'p' });
    await call('premium', { user: 'ada', project: 'p' });
    await call('economy', { user: '\u001b[31mred\r\nrow\u202e', project: 'q' });
    await gateway.chat({ prompt: 'Hi', model: 'nobody:x' }).catch(() => undefined);
    await gateway.close();
    await ledger.close();
  });

  test('has a column for each of what it is grouped by', async () => {
    const { stdout } = await run(['usage', '--by', 'user,model']);
    expect(stdout).toMatch(/^user +model +calls/);
    expect(stdout).toMatch(/^ada +simulated-economy +1 /m);
    expect(stdout).toMatch(/^ada +simulated-premium +1 /m);
    expect(stdout).toMatch(/^- +- +1 /m);
    expect((await run(['usage', '--by', 'model'])).stdout).toMatch(/^simulated-economy +2 /m);
    expect((await run(['usage'])).stdout).toMatch(/^\(not routed\) +1 /m);
  });

  test('counts only those of a user and of a project', async () => {
    expect((await run(['usage', '--user', 'ada', '--by', 'user'])).stdout).toMatch(
      /^user.*\nada +2 [^\n]*\n$/,
    );
    expect(JSON.parse((await run(['usage', '--project', 'q', '--json'])).stdout)).toMatchObject([
      { calls: 1 },
    ]);
    const csv = (await run(['usage', '--csv', '--user', 'ada'])).stdout;
    expect(csv.trim().split('\r\n')).toHaveLength(3);
  });

  test('never hands a label that steers a terminal on to it', async () => {
    const { stdout } = await run(['usage', '--by', 'user']);
    expect(stdout).toContain('\\u001b[31mred\\u000d\\u000arow\\u202e');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  test.each([[['usage', '7']], [['usage', '--days', 'Infinity']]])(
    'says what is wrong with %j',
    async (args) => {
      const { code, stderr } = await run(args);
      expect(stderr).toContain(args.at(-1));
      expect(stderr).not.toContain('BAD_REQUEST');
      expect(code).toBe(1);
    },
  );
});

describe('millrace budget', () => {
  test('sets a limit that later calls keep, and shows what is left', async () => {
    expect((await run(['budget'])).stdout).toBe('No budget is for such calls.\n');
    const set = await run(['budget', 'set', 'all', '--limit', '0.000001', '--period', 'day']);
    expect(set.stdout).toMatch(/^budget\s+for\s+period\s+limit\s+used\s+until\nall\s+all\s+day\s+\$0\.00\s/);
    const refused = await run(['chat', 'Count.', '-m', 'gpt-4o-mini'], { environment: withUpstream() });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/The budget "all" of \$0\.000001 a day has no room.*BUDGET_EXCEEDED/);
    expect((await run(['budget', 'remove', 'all'])).stdout).toBe('No budget is for such calls.\n');
    expect((await run(['chat', 'Count.', '-m', 'gpt-4o-mini'], { environment: withUpstream() })).code).toBe(
      0,
    );
  });

  test('says what is wrong', async () => {
    expect((await run(['budget', 'set', 'all', '--period', 'day'])).stderr).toContain('`limitUsd`');
    expect((await run(['budget', 'set', 'all', '--limit', '1'])).stderr).toContain('`period`');
    expect((await run(['budget', 'grow'])).stderr).toContain('budget grow');
    const empty = await run(['budget', 'set', 'all', '--limit', '', '--period', 'day']);
    expect(empty.stderr).toContain('`limitUsd`');
    expect((await run(['budget', 'remove', 'all', 'each'])).stderr).toContain('each');
  });
});
