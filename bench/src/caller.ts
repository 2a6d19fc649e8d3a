// One way to call the upstream, in a process of its own, which reports the CPU time that its calls took.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, memoryLedger } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { openai } from '@millrace/providers/openai';
import OpenAI from 'openai';
import { Agent, request } from 'undici';
import { CHUNKS, WORDS } from './expected.ts';

/** What to run, and how much of it. */
interface Task {
  readonly calls: number;
  readonly concurrency: number;
}

const url = process.env['UPSTREAM'] ?? '';
const mode = process.env['MODE'] ?? '';
const body = {
  model: 'gpt-4o-mini',
  messages: [{ role: 'user' as const, content: 'What is 2+2? '.repeat(8) }],
};

const check = (text: string, streamed: boolean): void => {
  if (streamed ? text !== WORDS : !text.startsWith('The answer is 4.'))
    throw new Error(`${mode}: a wrong answer: ${text.slice(0, 80)}`);
};

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-bench', maxRetries: 0 });
const gatewayWith = (ledger: 'memory' | 'sqlite') =>
  createGateway({
    providers: [openai({ baseUrl: `${url}/v1`, apiKey: 'sk-bench' })],
    ledger: ledger === 'sqlite' ? sqliteLedger({ path: join(folder, 'ledger.db') }) : memoryLedger(),
  });
const gateway = gatewayWith(mode.endsWith('sqlite') ? 'sqlite' : 'memory');
const agent = new Agent();

const chat = async (): Promise<void> => {
  const reply = await gateway.chat({ model: 'openai:gpt-4o-mini', messages: body.messages });
  check(reply.text, false);
};
const stream = async (): Promise<void> => {
  let text = '';
  for await (const event of gateway.stream({ model: 'openai:gpt-4o-mini', messages: body.messages })) {
    if (event.type === 'text-delta') text += event.delta;
  }
  check(text, true);
};

const CALLS: Readonly<Record<string, () => Promise<void>>> = {
  'sdk-chat': async () => {
    const completion = await sdk.chat.completions.create(body);
    check(completion.choices[0]?.message.content ?? '', false);
  },
  'sdk-stream': async () => {
    let text = '';
    const options = { include_usage: true };
    for await (const chunk of await sdk.chat.completions.create({
      ...body,
      stream: true,
      stream_options: options,
    })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    check(text, true);
  },
  /** The wire limit: read the bytes and look at nothing. */
  'wire-stream': async () => {
    const payload = JSON.stringify({ ...body, stream: true });
    const answer = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: payload,
      dispatcher: agent,
    });
    let bytes = 0;
    for await (const data of answer.body) bytes += (data as Uint8Array).length;
    if (bytes < CHUNKS * 100) throw new Error('wire-stream: a short answer');
  },
  'chat-memory': chat,
  'chat-sqlite': chat,
  'stream-memory': stream,
  'stream-sqlite': stream,
};

const call = CALLS[mode];
if (call === undefined) throw new Error(`There is no mode "${mode}".`);

const run = async ({ calls, concurrency }: Task): Promise<number> => {
  let left = calls;
  const before = process.cpuUsage();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await gateway.ledger.flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
};

process.on('message', (task: Task) => {
  run(task).then(
    (microseconds) => process.send?.(microseconds),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ port: 0 });
