import { ConfigError } from '../model/errors/config-error.js';
import type { ModelInfo } from './model-info.js';
import type { Price, PriceRates } from './price.js';

const RATES: Readonly<Record<keyof PriceRates, 'required' | 'optional'>> = {
  input: 'required',
  output: 'required',
  cacheRead: 'optional',
  cacheWrite: 'optional',
  cacheWriteLong: 'optional',
  inputAudio: 'optional',
  cacheReadAudio: 'optional',
};

/**
 * Refuse prices that would make wrong costs, such as those that JavaScript code gives with a misspelt or missing figure.
 *
 * @param name - Of the model, for the message, such as `openai:gpt-5`.
 * @throws ConfigError `INVALID_CONFIG`, which names the figure.
 */
export const checkPrices = (
  { price, nextPrice }: Pick<ModelInfo, 'price' | 'nextPrice'>,
  name: string,
): void => {
  const key = `models[${JSON.stringify(name)}]`;
  if (price !== undefined) checkPrice(price, `${key}.price`);
  if (nextPrice === undefined) return;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(nextPrice.from) || Number.isNaN(Date.parse(nextPrice.from)))
    throw wrong(`${key}.nextPrice.from`, 'must be a day such as "2026-12-01"');
  checkPrice(nextPrice.price, `${key}.nextPrice.price`);
};

const checkPrice = (price: Price, key: string): void => {
  checkGroup(price, key, ['longContext', 'batch', 'webSearch']);
  const { batch, webSearch } = price;
  if (webSearch !== undefined) checkRate(webSearch, `${key}.webSearch`);
  checkLongContext(price.longContext, `${key}.longContext`, 0);
  if (batch === undefined) return;
  checkGroup(batch, `${key}.batch`, ['longContext']);
  checkLongContext(batch.longContext, `${key}.batch.longContext`, 0);
};

const checkLongContext = (step: Price['longContext'], key: string, above: number): void => {
  if (step === undefined) return;
  checkGroup(step, key, ['longContext', 'aboveInputTokens']);
  const limit = step.aboveInputTokens;
  if (!Number.isSafeInteger(limit) || limit <= above)
    throw wrong(`${key}.aboveInputTokens`, `must be a whole number above ${above}`);
  checkLongContext(step.longContext, `${key}.longContext`, limit);
};

const checkGroup = (group: PriceRates, key: string, others: readonly string[]): void => {
  if (typeof group !== 'object' || group === null)
    throw wrong(key, 'must be an object such as { input, output }');
  for (const name of Object.keys(group)) {
    if (!Object.hasOwn(RATES, name) && !others.includes(name))
      throw wrong(`${key}.${name}`, `is not known; use ${[...Object.keys(RATES), ...others].join(', ')}`);
  }
  for (const [name, need] of Object.entries(RATES)) {
    const rate = group[name as keyof PriceRates];
    if (rate !== undefined || need === 'required') checkRate(rate, `${key}.${name}`);
  }
};

const checkRate = (rate: unknown, key: string): void => {
  if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0)
    throw wrong(key, 'must be a number of at least 0, in US dollars');
};

const wrong = (key: string, what: string): ConfigError => new ConfigError(`${key} ${what}.`, { key });
