import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startChaosUpstream } from '../../tests/support/chaos-upstream.ts';
import { type Child, startChild } from '../../tests/support/child.ts';
import { type ScratchFolder, scratchFolder } from '../../tests/support/scratch-folder.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let folder: ScratchFolder;
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => folder[Symbol.dispose]());

const start = (environment: Record<string, string> = {}): Child =>
  startChild('examples/express-server/main.ts', {
    cwd: folder.path,
    environment: { PORT: '0', ...environment },
  });

/** It ends with 1, and what it says is one sentence for a person: no stack, no dump. */
const refusal = async (environment: Record<string, string>): Promise<string> => {
  await using child = start(environment);
  expect(await child.exit).toEqual({ code: 1, signal: null });
  expect(child.stdout()).toBe('');
  expect(child.stderr()).not.toMatch(/^\s+at /m);
  expect(child.stderr().trim().split('\n')).toHaveLength(1);
  return child.stderr();
};

describe('the example server refuses to start', () => {
  test('on a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toContain(`Port ${port} is in use.`);
    other.close();
  });

  test.each(['http', '-1', '70000', '80.5'])('with PORT=%s', async (port) => {
    expect(await refusal({ PORT: port })).toBe(
      `PORT must be a whole number from 0 to 65535, not "${port}".\n`,
    );
  });

  test('with a configuration that is wrong, and names the line and the key', async () => {
    writeFileSync(
      folder.file('millrace.yaml'),
      'version: 1\nproviders:\n  - id: openai\n    type: openai\n    prioritty: 2\n',
    );
    expect(await refusal({})).toMatch(/^millrace\.yaml, line 5: providers\[0\]\.prioritty .*"priority"/);
  });

  test('with a configuration that is not even YAML', async () => {
    writeFileSync(folder.file('millrace.yaml'), 'version: 1\nproviders: [\n');
    expect(await refusal({})).toMatch(/millrace\.yaml, line \d/);
  });

  test('with a configuration that does not exist', async () => {
    expect(await refusal({ MILLRACE_CONFIG: 'nowhere.yaml' })).toContain('nowhere.yaml');
  });

  test('with a ledger that cannot be opened', async () => {
    writeFileSync(folder.file('occupied'), 'This is no database.');
    expect(await refusal({ MILLRACE_LEDGER: 'occupied' })).toContain('occupied');
  });
});

describe('the example server', () => {
  test('answers from the simulated provider when there is nothing else, says so, and ends on Ctrl-C', async () => {
    await using child = start();
    await child.output(/Press Ctrl-C/);
    expect(child.stdout()).toContain('No key and no local model was found.');
    expect(child.stdout()).toMatch(/answer +\[simulated\]/);
    child.process.kill('SIGINT');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.stderr()).toBe('');
  });

  test('ends a running stream when it is stopped, and keeps the account of it', async () => {
    const upstream = await startChaosUpstream();
    await using child = start({ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: upstream.baseUrl });
    const [, url] = await child.output(/listens on (\S+)/);
    await child.output(/Press Ctrl-C/);
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gpt-4o',
        stream: true,
        messages: [{ role: 'user', content: 'Count.' }],
      }),
    });
    const reading = response.text();
    child.process.kill('SIGINT');
    const text = await reading;
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(upstream.requests.at(-1)).toMatchObject({ closedEarly: true });
    await upstream.close();
    const ledger = sqliteLedger({ path: folder.file('.millrace/ledger.db') });
    const [newest] = (await ledger.list()).rows;
    await ledger.close();
    expect(newest).toMatchObject({ id: response.headers.get('x-task-id'), status: 'cancelled' });
  });
});
