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

/** What differs, such as `input 5 -> 4`; `undefined` when nothing does. Batch prices follow from the others. */
export const describeChange = (before, after) => {
  const old = new Map(flatten(before));
  const now = new Map(flatten(after));
  const changes = [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path} ${old.get(path) ?? 'none'} -> ${now.get(path) ?? 'none'}`);
  const own = changes.filter((change) => !change.startsWith('batch.'));
  return changes.length === 0 ? undefined : (own.length > 0 ? own : changes).join(', ');
};
