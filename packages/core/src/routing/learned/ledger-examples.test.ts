import { expect, test } from 'vitest';
import { play, playThenThrow, scriptedProvider, textAnswer } from '../../../test/scripted-provider.js';
import { createGateway } from '../../gateway/create-gateway.js';
import { memoryLedger } from '../../ledger/memory-ledger.js';
import { ProviderError } from '../../model/errors/provider-error.js';
import { fitRouter, ledgerExamples, type RouterExample } from './index.js';

const all = async (examples: AsyncIterable<RouterExample>): Promise<RouterExample[]> => {
  const list: RouterExample[] = [];
  for await (const example of examples) list.push(example);
  return list;
};

/** A gateway after some calls: answers, a refusal because of the content, a failure of the vendor, and a cached answer. */
const history = async () => {
  const failing = (id: string, code: 'CONTENT_FILTER' | 'SERVER_ERROR') =>
    scriptedProvider(playThenThrow([], new ProviderError(code, 'no', { provider: id })), { id });
  const ledger = memoryLedger();
  const prompts = new Map<string, string>();
  const gateway = createGateway({
    providers: [
      scriptedProvider(play(textAnswer('hi'))),
      failing('strict', 'CONTENT_FILTER'),
      failing('broken', 'SERVER_ERROR'),
    ],
    ledger,
    cache: {},
    retry: { retries: 0 },
  });
  const ask = async (model: string, prompt: string): Promise<void> => {
    await gateway.chat({ model, prompt }).catch(() => undefined);
    const newest = (await ledger.list({ limit: 1 })).rows[0];
    if (newest !== undefined) prompts.set(newest.id, prompt);
  };
  await ask('scripted:one', 'Write a poem.');
  await ask('scripted:one', 'Write a poem.');
  await ask('strict:one', 'Write a satire.');
  await ask('broken:one', 'Write a letter.');
  await ask('scripted:one', 'Write an essay.');
  const { rows: records } = await ledger.list();
  await gateway.close();
  return { records, prompts };
};

test('a ledger and the host’s prompts make examples; the cache and the vendor’s own failures make none', async () => {
  const { records, prompts } = await history();
  const examples = await all(ledgerExamples(records, { requestOf: ({ id }) => prompts.get(id) }));
  expect(records).toHaveLength(5);
  expect(examples.toSorted((a, b) => (String(a.request) < String(b.request) ? -1 : 1))).toEqual([
    { request: 'Write a poem.', model: 'scripted:one', success: 1 },
    { request: 'Write a satire.', model: 'strict:one', success: 0 },
    { request: 'Write an essay.', model: 'scripted:one', success: 1 },
  ]);
  expect(fitRouter(examples).models).toEqual(['scripted:one', 'strict:one']);
});

test('the host’s own verdicts go before the status, and calls without a prompt or a verdict are left out', async () => {
  const { records, prompts } = await history();
  const examples = await all(
    ledgerExamples(records, {
      requestOf: async ({ id }) => (prompts.get(id)?.includes('poem') ? undefined : prompts.get(id)),
      verdictOf: async ({ provider }) =>
        provider === 'scripted' ? { success: 0.25, weight: 10 } : undefined,
    }),
  );
  expect(examples).toEqual([
    { request: 'Write an essay.', model: 'scripted:one', success: 0.25, weight: 10 },
  ]);
});

test('an abort ends the reading with its reason', async () => {
  const { records, prompts } = await history();
  const stop = new AbortController();
  const reason = new Error('enough');
  const read = async (): Promise<number> => {
    let count = 0;
    const options = { requestOf: ({ id }: { id: string }) => prompts.get(id), signal: stop.signal };
    for await (const _ of ledgerExamples(records, options)) {
      count += 1;
      stop.abort(reason);
    }
    return count;
  };
  await expect(read()).rejects.toBe(reason);
});
