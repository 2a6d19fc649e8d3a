import { expect, test } from 'vitest';
import { play, scriptedProvider } from '../../test/scripted-provider.js';
import { createRegistry } from './registry.js';

const STEP = { input: 1, output: 1, aboveInputTokens: 10 };

// As JavaScript code may give them.
test.each<[string, object]>([
  ['input', { output: 1 }],
  ['output', { input: 1, output: Number.NaN }],
  ['cacheRead', { input: 1, output: 1, cacheRead: -0.1 }],
  ['cacheWriteLong', { input: 1, output: 1, cacheWriteLong: '2' }],
  ['cachedRead', { input: 1, output: 1, cachedRead: 1 }],
  ['webSearch', { input: 1, output: 1, webSearch: Number.POSITIVE_INFINITY }],
  ['batch.output', { input: 1, output: 1, batch: { input: 1 } }],
  ['batch', { input: 1, output: 1, batch: 0.5 }],
  ['longContext.aboveInputTokens', { input: 1, output: 1, longContext: { input: 1, output: 1 } }],
  [
    'longContext.longContext.aboveInputTokens',
    { input: 1, output: 1, longContext: { ...STEP, longContext: STEP } },
  ],
  [
    'batch.longContext.input',
    { input: 1, output: 1, batch: { input: 1, output: 1, longContext: { ...STEP, input: -1 } } },
  ],
])('a price with a wrong figure is refused, and the message names %s', (figure, price) => {
  const key = `models["scripted:m"].price.${figure}`;
  const error = expect.objectContaining({
    code: 'INVALID_CONFIG',
    key,
    message: expect.stringContaining(`${key} `),
  });
  const models = { 'scripted:m': { price: price as never } };
  expect(() => createRegistry({ catalogue: { models } })).toThrow(error);
  const provider = {
    ...scriptedProvider(play([])),
    id: 'scripted',
    models: [{ id: 'm', price: price as never }],
  };
  expect(() => createRegistry({ providers: [provider] })).toThrow(error);
});

test.each<[string, object]>([
  ['from', { from: 'December', price: { input: 1, output: 1 } }],
  ['price.output', { from: '2026-12-01', price: { input: 1 } }],
])('of a price of a later day too: %s', (figure, nextPrice) => {
  const models = { 'scripted:m': { nextPrice: nextPrice as never } };
  const key = `models["scripted:m"].nextPrice.${figure}`;
  expect(() => createRegistry({ catalogue: { models } })).toThrow(expect.objectContaining({ key }));
});

test('a complete price is taken', () => {
  const price = {
    input: 0,
    output: 0,
    cacheRead: undefined,
    cacheWriteLong: 1,
    webSearch: 10,
    longContext: { ...STEP, longContext: { ...STEP, aboveInputTokens: 20 } },
    batch: { input: 1, output: 1, longContext: STEP },
  };
  const registry = createRegistry({ catalogue: { models: { 'scripted:m': { price } } } });
  registry.register({ ...scriptedProvider(play([])), id: 'scripted' });
  expect(registry.findModel('scripted', 'm')?.price).toEqual(price);
});
