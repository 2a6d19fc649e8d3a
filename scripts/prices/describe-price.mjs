/** Every figure of a price by its path, such as `longContext.input`. */
const flatten = (price, prefix = '') =>
  Object.entries(price ?? {}).flatMap(([key, value]) =>
    typeof value === 'object' ? flatten(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]],
  );

/** The figures that say most. */
export const describePrice = (price) => {
  const steps = price.longContext ? `, other prices above ${price.longContext.aboveInputTokens} tokens` : '';
  return `input ${price.input}, output ${price.output}${steps}`;
};

/**
 * What differs, such as `input 5 -> 4`; `undefined` when nothing does. Prices of batches and of later days are named only
 * where nothing else differs: the first follow from the others, the second are told apart.
 */
export const describeChange = (before, after) => {
  const figures = ({ price, nextPrice }) => new Map([...flatten(price), ...flatten(nextPrice, 'nextPrice.')]);
  const old = figures(before);
  const now = figures(after);
  const changes = [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path} ${old.get(path) ?? 'none'} -> ${now.get(path) ?? 'none'}`);
  const own = changes.filter((change) => !/^(batch|nextPrice)\./.test(change));
  return changes.length === 0 ? undefined : (own.length > 0 ? own : changes).join(', ');
};
