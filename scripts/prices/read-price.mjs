/** What the data set calls our prices. */
const FIELDS = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWriteLong',
  input_audio_mtok: 'inputAudio',
  cache_audio_read_mtok: 'cacheReadAudio',
  web_searches_kcount: 'webSearch',
};

/** Prices of what a call through Millrace does not use, or of what no vendor counts for us. */
const UNUSED = new Set([
  'storage_searches_kcount',
  'input_image_mtok',
  'cache_image_read_mtok',
  'input_video_mtok',
  'output_image_mtok',
  'output_audio_mtok',
  'output_video_mtok',
]);

/** A price that we cannot express or do not understand. The reason is for people. */
class Unreadable extends Error {}

const isRate = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** A number, or a number with steps, as `{ base, steps: Map of limit -> number }`. */
const readValue = (key, value) => {
  if (isRate(value)) return { base: value, steps: new Map() };
  if (isRate(value?.base) && Array.isArray(value.tiers)) {
    const steps = new Map();
    for (const { start, price } of value.tiers) {
      if (!Number.isInteger(start) || start < 1 || !isRate(price))
        throw new Unreadable(`"${key}" has a step that is not understood`);
      steps.set(start, price);
    }
    return { base: value.base, steps };
  }
  throw new Unreadable(`"${key}" is not a price: ${JSON.stringify(value)}`);
};

const readRates = (prices, isEmbedding) => {
  const read = {};
  for (const [key, value] of Object.entries(prices)) {
    if (UNUSED.has(key)) continue;
    if (!Object.hasOwn(FIELDS, key)) throw new Unreadable(`"${key}" is not a price that is known here`);
    read[FIELDS[key]] = readValue(key, value);
  }
  if (read.input === undefined) throw new Unreadable('it has no price of input');
  if (isEmbedding) read.output = { base: 0, steps: new Map() };
  if (read.output === undefined) throw new Unreadable('it has no price of output');
  return read;
};

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const toPrice = (read) => {
  const { webSearch, ...tokens } = read;
  const limits = [...new Set(Object.values(tokens).flatMap(({ steps }) => [...steps.keys()]))];
  // From the highest step to the lowest: each holds the next one.
  const longContext = limits
    .sort((a, b) => b - a)
    .reduce((next, limit) => {
      const at = ({ base, steps }) => {
        const reached = [...steps.keys()].filter((start) => start <= limit);
        return reached.length === 0 ? base : steps.get(Math.max(...reached));
      };
      return { ...mapped(tokens, at), aboveInputTokens: limit, ...(next && { longContext: next }) };
    }, undefined);
  return {
    ...mapped(tokens, ({ base }) => base),
    ...(longContext && { longContext }),
    ...(webSearch && { webSearch: webSearch.base }),
  };
};

/** The prices that hold on a day, and the first ones that begin later. */
const onDay = (prices, today) => {
  const list = Array.isArray(prices) ? prices : [{ prices }];
  for (const { constraint } of list) {
    if (constraint !== undefined && constraint.type !== 'start_date')
      throw new Unreadable('it depends on the time of day');
  }
  const begins = ({ constraint }) => constraint?.start_date ?? '';
  const begun = list
    .filter((entry) => begins(entry) <= today)
    .sort((a, b) => (begins(a) < begins(b) ? -1 : 1));
  const [later] = list
    .filter((entry) => begins(entry) > today)
    .sort((a, b) => (begins(a) < begins(b) ? -1 : 1));
  const last = begun.at(-1);
  if (last === undefined) throw new Unreadable(`it begins on ${begins(later)}`);
  return { prices: last.prices, later: later && { from: begins(later), prices: later.prices } };
};

/**
 * Our price from an entry of the data set.
 *
 * @returns `{ price, nextPrice }`, or `{ unreadable }` with the reason: then nothing of it may be used.
 */
export const readPrice = (entry, { today, isEmbedding }) => {
  try {
    const { prices, later } = onDay(entry.prices, today);
    const read = (given) => toPrice(readRates(given, isEmbedding));
    return { price: read(prices), nextPrice: later && { from: later.from, price: read(later.prices) } };
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: error.message };
    throw error;
  }
};
