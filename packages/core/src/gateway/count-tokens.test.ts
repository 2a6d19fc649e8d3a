import { expect, test } from 'vitest';
import { play, scriptedProvider, textAnswer } from '../../test/scripted-provider.js';
import { createGateway } from './create-gateway.js';

test('the vendor counts where it can', async () => {
  const provider = scriptedProvider(play(textAnswer('x')), {
    countTokens: async ({ model }) => ({ tokensIn: model === 'one' ? 42 : 0, estimated: false }),
  });
  const gateway = createGateway({ providers: [provider] });
  expect(await gateway.countTokens({ model: 'tier:economy', prompt: 'Hi' })).toEqual({
    tokensIn: 42,
    estimated: false,
  });
  expect(provider.calls).toEqual([]);
});

test('a tokenizer counts where the vendor cannot, and says so', async () => {
  const gateway = createGateway({ providers: [scriptedProvider(play(textAnswer('x')))] });
  const short = await gateway.countTokens({ prompt: 'Hi' });
  const long = await gateway.countTokens({ prompt: 'Tell me about rivers. '.repeat(100) });
  expect(short).toEqual({ tokensIn: 5, estimated: true });
  expect(long.tokensIn).toBeGreaterThan(400);
});

test('nothing is counted of a request that cannot be right', async () => {
  const gateway = createGateway({ providers: [scriptedProvider(play(textAnswer('x')))] });
  await expect(gateway.countTokens({})).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(gateway.countTokens({ model: 'nobody:x', prompt: 'Hi' })).rejects.toMatchObject({
    code: 'UNKNOWN_MODEL',
  });
});
