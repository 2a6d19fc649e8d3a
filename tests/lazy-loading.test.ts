import { expect, test, vi } from 'vitest';
import { startChild } from './support/child.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SDKS = ['openai', 'undici', '@anthropic-ai/sdk', 'ollama', '@google/genai', '@ai-sdk/provider', 'ai'];

const loadedBy = async (...specifiers: string[]): Promise<string[]> => {
  await using child = startChild('tests/support/loaded-packages.ts', { args: specifiers });
  const { code } = await child.exit;
  expect(child.stderr()).toBe('');
  expect(code).toBe(0);
  return JSON.parse(child.stdout()) as string[];
};

test.each([
  '@millrace/providers',
  '@millrace/providers/ai-sdk',
  '@millrace/providers/anthropic',
  '@millrace/providers/claude-cli',
  '@millrace/providers/google',
  '@millrace/providers/ollama',
  '@millrace/providers/openai',
  '@millrace/providers/openai-compatible',
])('importing %s loads no SDK', async (specifier) => {
  const loaded = await loadedBy(specifier);
  expect(loaded).toContain('eventsource-parser');
  expect(loaded.filter((name) => SDKS.includes(name))).toEqual([]);
});

test('what is loaded is seen', async () => {
  expect(await loadedBy('openai', 'node:sqlite')).toEqual(expect.arrayContaining(['node:sqlite', 'openai']));
});

test('importing the root of core loads no database', async () => {
  const loaded = await loadedBy('@millrace/core');
  expect(loaded).not.toContain('node:sqlite');
  expect(loaded).not.toContain('gpt-tokenizer');
  expect(loaded).toContain('eventemitter3');
});

test.each(['@millrace/core/storage/postgres', '@millrace/core/storage/redis'])(
  'importing %s loads no database client',
  async (specifier) => {
    const loaded = await loadedBy(specifier);
    expect(loaded.filter((name) => ['pg', 'ioredis'].includes(name))).toEqual([]);
  },
);

test('the SDK is loaded with the first call, and not before', async () => {
  await using child = startChild('tests/support/first-call.ts');
  await child.exit;
  expect(child.stdout()).toBe('before: false\nafter: true, NETWORK\n');
});
