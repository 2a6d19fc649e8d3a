/** Spreads the bits of a 32-bit number over 31: engines keep such a number without a box. */
export const spread = (value: number): number => {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 1;
};

export const HASH_START = 0x811c9dc5;

/** One more UTF-16 unit of a text in its hash (FNV-1a). */
export const addToHash = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

/** The hash of a whole text. */
export const hashText = (text: string): number => {
  let hash = HASH_START;
  for (let at = 0; at < text.length; at++) hash = addToHash(hash, text.charCodeAt(at));
  return spread(hash);
};

/** Numbers from 0 to below 1, the same ones for the same seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = spread(seed ^ HASH_START);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return spread(state) / 2 ** 31;
  };
};
