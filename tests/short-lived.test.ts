import { expect, test } from 'vitest';
import { startChild } from './support/child.ts';
import { scratchFolder } from './support/scratch-folder.ts';

/** Bytes. A call makes some 50,000; one object that the engine takes for a lasting one keeps 20,000 of them alive. */
const ALLOWED = { whole: 3_000, streamed: 12_000 };

test('what a call makes is young garbage when it has ended, and needs no full collection', async () => {
  using folder = scratchFolder();
  await using upstream = startChild('tests/support/upstream-process.ts');
  const [baseUrl] = await upstream.output(/http\S+/);
  await using calls = startChild('tests/support/short-lived-process.ts', {
    args: [baseUrl, folder.file('ledger.db')],
    // So much young memory that hardly any collection meets a call that is under way, and takes it for a lasting one.
    flags: [
      '--expose-gc',
      '--no-allocation-site-pretenuring',
      '--min-semi-space-size=64',
      '--max-semi-space-size=64',
    ],
  });
  const [text] = await calls.output(/\{.*\}/);
  const { whole, streamed } = JSON.parse(text) as { whole: number; streamed: number };
  expect(whole).toBeLessThan(ALLOWED.whole);
  expect(streamed).toBeLessThan(ALLOWED.streamed);
  expect((await calls.exit).code).toBe(0);
}, 60_000);
