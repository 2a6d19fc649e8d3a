// One way to call the upstream, in a process of its own, which reports the CPU time that its calls took.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { createGateway, memoryLedger } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { anthropic } from '@millrace/providers/anthropic';
import { google } from '@millrace/providers/google';
import { ollama } from '@millrace/providers/ollama';
import { openai } from '@millrace/providers/openai';
import { Ollama } from 'ollama';
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
    providers: [
      openai({ baseUrl: `${url}/v1`, apiKey: 'sk-bench' }),
      openai({ id: 'responses', api: 'responses', baseUrl: `${url}/v1`, apiKey: 'sk-bench' }),
      anthropic({ baseUrl: url, apiKey: 'sk-bench' }),
      google({ baseUrl: url, apiKey: 'sk-bench' }),
      ollama({ baseUrl: url }),
    ],
    ledger: ledger === 'sqlite' ? sqliteLedger({ path: join(folder, 'ledger.db') }) : memoryLedger(),
  });
const gateway = gatewayWith(mode.endsWith('sqlite') ? 'sqlite' : 'memory');
const agent = new Agent();

const chatWith = (model: string) => async (): Promise<void> => {
  const reply = await gateway.chat({ model, messages: body.messages });
  check(reply.text, false);
};
const streamWith = (model: string) => async (): Promise<void> => {
  let text = '';
  for await (const event of gateway.stream({ model, messages: body.messages })) {
    if (event.type === 'text-delta') text += event.delta;
  }
  check(text, true);
};
const chat = chatWith('openai:gpt-4o-mini');
const stream = streamWith('openai:gpt-4o-mini');

const [{ content: prompt }] = body.messages as [{ role: 'user'; content: string }];
const anthropicSdk = new Anthropic({ baseURL: url, apiKey: 'sk-bench', maxRetries: 0 });
const anthropicBody = { model: 'claude-haiku-4-5', max_tokens: 1_000, messages: body.messages };
const responsesBody = { model: 'gpt-4o-mini', input: prompt, store: false };
const googleSdk = new GoogleGenAI({ apiKey: 'sk-bench', httpOptions: { baseUrl: url } });
const googleBody = { model: 'gemini-2.5-flash', contents: prompt };
const ollamaSdk = new Ollama({ host: url });
const ollamaBody = { model: 'llama3.2', messages: body.messages };

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
  'responses-sdk-chat': async () => check((await sdk.responses.create(responsesBody)).output_text, false),
  'responses-sdk-stream': async () => {
    let text = '';
    for await (const event of await sdk.responses.create({ ...responsesBody, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    check(text, true);
  },
  'anthropic-sdk-chat': async () => {
    const { content } = await anthropicSdk.messages.create(anthropicBody);
    const [first] = content;
    check(first?.type === 'text' ? first.text : '', false);
  },
  'anthropic-sdk-stream': async () => {
    let text = '';
    for await (const event of await anthropicSdk.messages.create({ ...anthropicBody, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    }
    check(text, true);
  },
  'google-sdk-chat': async () =>
    check((await googleSdk.models.generateContent(googleBody)).text ?? '', false),
  'google-sdk-stream': async () => {
    let text = '';
    for await (const piece of await googleSdk.models.generateContentStream(googleBody))
      text += piece.text ?? '';
    check(text, true);
  },
  'ollama-sdk-chat': async () =>
    check((await ollamaSdk.chat({ ...ollamaBody, stream: false })).message.content, false),
  'ollama-sdk-stream': async () => {
    let text = '';
    for await (const piece of await ollamaSdk.chat({ ...ollamaBody, stream: true }))
      text += piece.message.content;
    check(text, true);
  },
  'responses-chat-sqlite': chatWith('responses:gpt-4o-mini'),
  'responses-stream-sqlite': streamWith('responses:gpt-4o-mini'),
  'anthropic-chat-sqlite': chatWith('anthropic:claude-haiku-4-5'),
  'anthropic-stream-sqlite': streamWith('anthropic:claude-haiku-4-5'),
  'google-chat-sqlite': chatWith('google:gemini-2.5-flash'),
  'google-stream-sqlite': streamWith('google:gemini-2.5-flash'),
  'ollama-chat-sqlite': chatWith('ollama:llama3.2'),
  'ollama-stream-sqlite': streamWith('ollama:llama3.2'),
  'chat-memory': chat,
  'chat-sqlite': chat,
  'stream-memory': stream,
  'stream-sqlite': stream,
  ...(mode.startsWith('ai-sdk') && (await import('./ai-sdk-calls.ts')).aiSdkCalls(url, prompt, check)),
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
