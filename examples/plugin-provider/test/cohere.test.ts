import { createGateway } from '@millrace/core';
import { describeProvider, startUpstream, TEXT_ANSWER } from '@millrace/providers/conformance';
import { expect, test } from 'vitest';
import { cohere } from '../src/index.ts';
import { cohereDialect } from './cohere-dialect.ts';

// The whole behaviour that a gateway relies on, in one call.
describeProvider('cohere', { dialect: cohereDialect, create: cohere });

test('a gateway routes to it, prices it and records it', async () => {
  await using upstream = await startUpstream(cohereDialect, { answer: TEXT_ANSWER });
  const gateway = createGateway({ providers: [cohere({ baseUrl: upstream.baseUrl, apiKey: 'key' })] });
  const reply = await gateway.chat({ model: 'tier:premium', prompt: 'Name a river.' });
  expect(reply).toMatchObject({
    text: 'The Aare flows.',
    route: { provider: 'cohere', model: 'command-a-03-2025' },
  });
  expect(reply.cost.costUsd).toBeCloseTo((12 * 2.5 + 7 * 10) / 1e6);
  expect((await gateway.embed({ model: 'embed-v4.0', values: ['a'] })).embeddings).toEqual([[1, 1]]);
  await gateway.close();
});
