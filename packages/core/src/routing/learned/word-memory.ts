/** Bits for words that were seen: with 25,000 words one unknown word in eleven is taken for a known one. */
const BITS = 2 ** 18;
export const WORD_MEMORY_BYTES: number = BITS / 8;

/** Remembers words by one bit each. */
export interface WordMemory {
  readonly bits: Uint8Array;
  add(words: readonly number[]): void;
  /** The share of the words that were seen before, 0 to 1; 0 for a text without any. */
  known(words: readonly number[]): number;
}

/** @param bits - What another memory remembered; it is used as it is, not copied. */
export const createWordMemory = (bits: Uint8Array = new Uint8Array(WORD_MEMORY_BYTES)): WordMemory => ({
  bits,
  add(words) {
    for (const word of words) {
      const bit = word % BITS;
      bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  },
  known(words) {
    let known = 0;
    for (const word of words) {
      const bit = word % BITS;
      known += ((bits[bit >>> 3] ?? 0) >>> (bit & 7)) & 1;
    }
    return words.length === 0 ? 0 : known / words.length;
  },
});
