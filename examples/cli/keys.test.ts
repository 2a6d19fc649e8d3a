import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ChaosUpstream, startChaosUpstream } from '../../tests/support/chaos-upstream.ts';
import { startChild } from '../../tests/support/child.ts';
import { type ScratchFolder, scratchFolder } from '../../tests/support/scratch-folder.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const KEY = 'sk-test-canary-0123456789';
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

const run = async (args: readonly string[], input?: string, environment: Record<string, string> = {}) => {
  await using child = startChild('examples/cli/main.ts', {
    args,
    input,
    cwd: folder.path,
    environment: { HOME: folder.path, OPENAI_BASE_URL: upstream.baseUrl, ...environment },
  });
  const { code } = await child.exit;
  expect(`${child.stdout()}${child.stderr()}`).not.toContain('canary');
  return { code, stdout: child.stdout(), stderr: child.stderr() };
};

const everyFile = (): string =>
  readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    .join('\n');

describe('millrace keys', () => {
  test('a key goes in by the input, is listed masked, verified, used, rotated and removed', async () => {
    expect(await run(['keys', 'add', 'openai'], `${KEY}\n`)).toEqual({
      code: 0,
      stdout: 'openai/default sk-****6789 unverified\n',
      stderr: '',
    });
    expect((await run(['keys', 'list'])).stdout).toMatch(/openai +default +- +- +sk-\*{4}6789 +unverified/);
    expect(await run(['keys', 'verify', 'openai'])).toEqual({
      code: 0,
      stdout: 'openai/default sk-****6789 verified\n',
      stderr: '',
    });
    expect(await run(['chat', 'Count.', '-m', 'openai:gpt-4o-mini'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 1 2/),
    });
    expect(upstream.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${KEY}`);
    const rotated = await run(['keys', 'rotate', 'openai', '--grace', '0'], 'sk-test-canary-next-4321\n');
    expect(rotated.stdout).toBe('openai/default sk-****4321 unverified\n');
    expect((await run(['keys', 'remove', 'openai'])).stdout).toContain('removed openai/default');
    expect(JSON.parse((await run(['keys', 'list', '--json'])).stdout)).toEqual([]);
    expect(everyFile()).not.toContain('canary');
  });

  test('keys move to another vault under a passphrase, after a plan was shown', async () => {
    await run(['keys', 'add', 'openai'], `${KEY}\n`);
    await run(['keys', 'export', '--out', 'keys.export'], 'a long passphrase\n');
    expect(everyFile()).not.toContain('canary');
    const other = { MILLRACE_VAULT: 'other/vault.json' };
    const planned = await run(['keys', 'import', 'keys.export'], 'a long passphrase\n', other);
    expect(planned.stdout).toMatch(/^add +openai\/default sk-\*{4}6789/);
    expect(JSON.parse((await run(['keys', 'list', '--json'], undefined, other)).stdout)).toEqual([]);
    await run(['keys', 'import', 'keys.export', '--yes'], 'a long passphrase\n', other);
    expect((await run(['keys', 'list'], undefined, other)).stdout).toContain('sk-****6789');
    expect(await run(['keys', 'import', 'keys.export'], 'wrong passphrase\n', other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('WRONG_PASSPHRASE'),
    });
  });

  test.each([
    [
      'a key on the command line',
      ['keys', 'add', 'openai', 'sk-1234567890'],
      /never given on the command line/,
    ],
    ['no command', ['keys'], /Say what to do/],
    ['an unknown command', ['keys', 'show'], /There is no "keys show"/],
    ['no provider', ['keys', 'add'], /Name the provider/],
    ['a key that is not there', ['keys', 'verify', 'groq'], /no such key/],
    ['no input', ['keys', 'add', 'openai'], /nothing was given/],
  ])('says in one sentence what is wrong: %s', async (_, args, said) => {
    const { code, stderr } = await run(args, '');
    expect(stderr).toMatch(said);
    expect(code).toBe(1);
  });
});
