import { expect, test } from 'vitest';
import { chat, handlerOf } from '../../test/chat-handler.js';
import { textAnswer } from '../../test/events.js';
import { play } from '../../test/scripted-provider.js';

const LOG = 'INFO worker 1 is ready\n'.repeat(400);
const BODY = {
  messages: [
    { role: 'user', content: 'Run it.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'run', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: LOG },
    { role: 'assistant', content: 'It ran.' },
    { role: 'user', content: 'And now?' },
  ],
};

test.each([false, true])(
  'headers tell of the cache and of the tokens that were saved, also of a stream: %s',
  async (stream) => {
    const handler = handlerOf(play(textAnswer('Hel', 'lo')), {
      cache: {},
      compression: { preset: 'lossless' },
    });
    const saved = async (body: object): Promise<readonly [hit: string | null, tokens: number]> => {
      const response = await chat(handler, { ...body, stream });
      const { headers } = response;
      await response.text();
      return [headers.get('x-cache-hit'), Number(headers.get('x-tokens-saved') ?? Number.NaN)];
    };
    expect(await saved({})).toEqual(['false', 0]);
    // What the answer in the cache had used.
    expect(await saved({})).toEqual(['true', 8]);
    const [hit, compressed] = await saved(BODY);
    expect(hit).toBe('false');
    expect(compressed).toBeGreaterThan(1_000);
  },
);
