import OpenAI from 'openai';
import type { Handler } from '../src/create-handler.js';

/** The official client, talking to a handler without a socket in between. It does not retry. */
export const clientOf = (handler: Handler): OpenAI =>
  new OpenAI({
    apiKey: 'unused',
    baseURL: 'http://localhost/v1',
    maxRetries: 0,
    fetch: (url, init) => handler(new Request(url, init)),
  });
