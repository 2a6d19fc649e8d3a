/** Without the dust of binary fractions. */
const round = (value) => Number(value.toFixed(10));

/**
 * The prices of a vendor's batches, from its usual ones.
 *
 * @param cache - What a read of the cache costs in a batch: `scaled`, as all else; `usual`, the full price of a read;
 * `none`, no less than other input.
 */
export const batchOf = (price, factor, cache) => {
  const entries = Object.entries(price).flatMap(([field, value]) => {
    if (field === 'aboveInputTokens') return [[field, value]];
    if (field === 'longContext') return [[field, batchOf(value, factor, cache)]];
    if (field === 'cacheRead' || field === 'cacheReadAudio') {
      if (cache === 'none') return [];
      if (cache === 'usual') return [[field, value]];
    }
    return [[field, round(value * factor)]];
  });
  return Object.fromEntries(entries);
};
