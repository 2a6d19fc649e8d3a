// Makes a gateway of four vendors that is held to one of them; prints what a call came to and which SDKs were loaded.
import { registerHooks } from 'node:module';
import { createGateway } from '@millrace/core';
import { anthropic } from '@millrace/providers/anthropic';
import { google } from '@millrace/providers/google';
import { ollama } from '@millrace/providers/ollama';
import { openai } from '@millrace/providers/openai';

const [baseUrl = '', apiKey] = process.argv.slice(2);
const SDKS = ['openai', '@anthropic-ai/sdk', '@google/genai', 'ollama'];
const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    for (const name of SDKS) if (url.includes(`/node_modules/${name}/`)) loaded.add(name);
    return next(url, context);
  },
});

const asked: string[] = [];
const gateway = createGateway({
  providers: [
    openai({ baseUrl: `${baseUrl}/openai`, apiKey: 'sk-openai' }),
    anthropic({ baseUrl: `${baseUrl}/anthropic`, ...(apiKey !== undefined && { apiKey }) }),
    google({ baseUrl: `${baseUrl}/google`, apiKey: 'google-key' }),
    ollama({ baseUrl: `${baseUrl}/ollama` }),
  ],
  credentials: {
    get({ provider }) {
      asked.push(provider);
      return undefined;
    },
  },
  routing: { mode: 'single-model', activeProvider: 'anthropic' },
  retry: { retries: 0 },
});
const results: unknown[] = [];
for (const model of ['auto', 'tier:premium', 'openai:gpt-4o', 'gemini-2.5-pro', 'gpt-4']) {
  const error: unknown = await gateway.chat({ model, prompt: 'Hello' }).catch((thrown: unknown) => thrown);
  const { code, message } = error as { code?: string; message?: string };
  results.push([model, code, message]);
}
await gateway.close();
console.log(JSON.stringify({ results, loaded: [...loaded], asked: [...new Set(asked)] }));
