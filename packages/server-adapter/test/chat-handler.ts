import { createGateway, type GatewayOptions } from '@millrace/core/gateway';
import type { ModelEvent } from '@millrace/core/model';
import { expect } from 'vitest';
import { createHandler, type Handler, type HandlerOptions } from '../src/create-handler.js';
import { type Script, scriptedProvider } from './scripted-provider.js';

export const handlerOf = (script: Script, options: Partial<HandlerOptions> & GatewayOptions = {}): Handler =>
  createHandler({
    gateway: createGateway({ retry: { minDelayMs: 1 }, ...options, providers: [scriptedProvider(script)] }),
    ...options,
  });

export const chat = (handler: Handler, body: object, init: RequestInit = {}): Promise<Response> =>
  handler(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'scripted:one', messages: [{ role: 'user', content: 'hi' }], ...body }),
      ...init,
    }),
  );

export const dataOf = (text: string): string[] =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((message) => message.replace(/^data: /, ''));

export const chunksOf = async (response: Response): Promise<unknown[]> => {
  const data = dataOf(await response.text());
  expect(data.at(-1)).toBe('[DONE]');
  return data.slice(0, -1).map((line) => JSON.parse(line));
};

/** The least that a request can say. */
export const ask: { model: string; messages: { role: 'user'; content: string }[] } = {
  model: 'scripted:one',
  messages: [{ role: 'user', content: 'hi' }],
};

export const failing = (error: unknown, after: readonly ModelEvent[] = []): Script =>
  async function* () {
    yield* after;
    throw error;
  };
