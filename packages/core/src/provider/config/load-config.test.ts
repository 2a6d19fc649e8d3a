import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from './load-config.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('a configuration file', () => {
  test.each([
    ['millrace.yaml', 'version: 1\ndefaultModel: auto\n'],
    ['millrace.yml', 'version: 1\ndefaultModel: auto\n'],
    ['millrace.json', '{ "version": 1, "defaultModel": "auto" }'],
    ['with-mark.json', '\uFEFF{ "version": 1, "defaultModel": "auto" }'],
  ])('%s is read by its ending', async (name, text) => {
    expect(await loadConfig(write(name, text))).toEqual({ version: 1, defaultModel: 'auto', providers: [] });
  });

  test('is strict JSON when it says so', async () => {
    const path = write('not.json', 'version: 1\n');
    await expect(loadConfig(path)).rejects.toMatchObject({ code: 'INVALID_CONFIG', file: path, line: 1 });
  });

  test('has its ledger beside it, wherever the process runs', async () => {
    const path = write('ledger.yaml', 'version: 1\nledger: { path: data/calls.db }\n');
    expect((await loadConfig(path)).ledger).toEqual({ path: join(folder, 'data/calls.db') });
  });

  test.each([
    ['missing.yaml', /missing\.yaml cannot be read: it does not exist/],
    ['a-folder.yaml', /it is a folder/],
    ['millrace.toml', /must end in \.yaml, \.yml or \.json/],
  ])('that cannot be read is explained: %s', async (name, message) => {
    mkdirSync(join(folder, 'a-folder.yaml'), { recursive: true });
    const failure = { code: 'INVALID_CONFIG', message: expect.stringMatching(message) };
    await expect(loadConfig(join(folder, name))).rejects.toMatchObject(failure);
  });

  test('is not read when the signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('changed my mind'));
    await expect(loadConfig(write('late.yaml', 'version: 1'), { signal })).rejects.toBe(signal.reason);
  });
});
