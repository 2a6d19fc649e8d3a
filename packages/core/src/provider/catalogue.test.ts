import { afterEach, expect, test, vi } from 'vitest';
import { play, scriptedProvider } from '../../test/scripted-provider.js';
import type { ModelInfo } from './model-info.js';
import { createRegistry } from './registry.js';

const NOW = { input: 1, output: 1 };
const LATER = { input: 3, output: 3 };
const DEAR = { input: 2, output: 2 };
const nextPrice = { from: '2026-12-01', price: LATER };
const models: readonly ModelInfo[] = [
  { id: 'changing', aliases: ['c'], price: NOW, nextPrice },
  { id: 'steady', price: DEAR },
];
const registryOf = (catalogue?: Record<string, Partial<Omit<ModelInfo, 'id'>>>) =>
  createRegistry({
    providers: [{ ...scriptedProvider(play([])), id: 'v', models }],
    catalogue: { models: catalogue },
  });

afterEach(() => void vi.useRealTimers());

const at = (time: string): void => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(new Date(time));
};

test('an announced price holds from the first moment of its day on, without a restart', () => {
  at('2026-11-30T23:59:59.999Z');
  const registry = registryOf();
  expect(registry.findModel('v', 'c')).toMatchObject({ price: NOW, nextPrice });
  expect(registry.modelsByCost().map(({ id }) => id)).toEqual(['changing', 'steady']);
  at('2026-12-01T00:00:00.000Z');
  expect(registry.findModel('v', 'c')).toEqual({
    id: 'changing',
    aliases: ['c'],
    provider: 'v',
    price: LATER,
  });
  expect(registry.modelsByCost().map(({ id }) => id)).toEqual(['steady', 'changing']);
  expect(registry.modelsNamed('c')[0]?.price).toEqual(LATER);
});

test('a price of the host is not replaced by what the vendor announced, but by what the host did', () => {
  at('2027-01-01T00:00:00Z');
  const own = { input: 9, output: 9 };
  const find = (facts: Partial<ModelInfo>) => registryOf({ 'v:changing': facts }).findModel('v', 'changing');
  expect(find({ price: own })?.price).toEqual(own);
  expect(find({ tier: 'economy' })).toMatchObject({ tier: 'economy', price: LATER });
  expect(find({ price: NOW, nextPrice: { from: '2026-12-24', price: own } })?.price).toEqual(own);
});

test('while nothing changes, a model is looked up and not built again', () => {
  at('2026-11-30T00:00:00Z');
  const registry = registryOf();
  const first = registry.findModel('v', 'changing');
  at('2026-11-30T12:00:00Z');
  expect(registry.findModel('v', 'changing')).toBe(first);
  expect(registry.models()).toBe(registry.models());
});
