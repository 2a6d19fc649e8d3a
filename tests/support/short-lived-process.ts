// Asks a gateway many times and prints how much of each call is left after collections of young objects alone, in
// bytes. Needs `--expose-gc --no-allocation-site-pretenuring`. Few calls are under way at once: those that a collection
// meets twice are old too.
import { getHeapSpaceStatistics } from 'node:v8';
import { createGateway } from '@millrace/core';
import type { Ledger } from '@millrace/core/ledger';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { openai } from '@millrace/providers/openai';
import { createHandler } from '@millrace/server-adapter';

const CALLS = 1_000;
const AT_ONCE = 5;

const [baseUrl, path = ''] = process.argv.slice(2);
const ledger: Ledger = sqliteLedger({ path });
const gateway = createGateway({ providers: [openai({ baseUrl, apiKey: 'sk-test' })], ledger });
const handler = createHandler({ gateway });

const ask = async (stream: boolean): Promise<void> => {
  const body = JSON.stringify({
    model: 'gpt-4o-mini',
    stream,
    messages: [{ role: 'user', content: 'Count.' }],
  });
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const request = new Request('http://localhost/v1/chat/completions', { method: 'POST', headers, body });
  await (await handler(request)).text();
};

const round = async (stream: boolean): Promise<void> => {
  for (let asked = 0; asked < CALLS; asked += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, () => ask(stream)));
  await ledger.flush();
};

const oldBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0;

const collectYoung = (): void => {
  // What survives two of them is old.
  for (let times = 0; times < 3; times++) globalThis.gc?.({ type: 'minor' });
};

const measure = async (stream: boolean): Promise<number> => {
  // The first calls bring code and caches that stay.
  await round(stream);
  await round(stream);
  globalThis.gc?.();
  const before = oldBytes();
  await round(stream);
  collectYoung();
  return Math.round((oldBytes() - before) / CALLS);
};

console.log(JSON.stringify({ whole: await measure(false), streamed: await measure(true) }));
await gateway.close();
await ledger.close();
