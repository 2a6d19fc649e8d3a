import { spread } from './hash.js';
import type { RequestView } from './request-view.js';
import { scanText, type TextSink } from './scan-text.js';
import { STRUCTURE_SIZE, writeStructure } from './structure-features.js';

/** Places for each kind of n-gram: tokens, pairs of tokens, and four characters in a row. */
const BUCKETS = 4096;
const BLOCK_WEIGHTS = [1, 0.5, 1] as const;
const BLOCKS = BLOCK_WEIGHTS.length;
/** Places of all features together. */
export const FEATURE_COUNT: number = BLOCKS * BUCKETS + STRUCTURE_SIZE;
/** Of a longer text only the two ends are read, so that the time is bounded: instructions stand there. */
const END_LENGTH = 4096;

/** The features of one request. The arrays are the reader's own and are valid until it reads again. */
export interface Features {
  /** How many places of the arrays are filled. */
  readonly size: number;
  readonly places: Uint16Array;
  readonly values: Float32Array;
  /** Hashes of the words; of all tokens in a text without words. Not distinct. */
  readonly words: readonly number[];
}

/** Reads requests one after the other; keeps its working memory between them. */
export type FeatureReader = (view: RequestView) => Features;

const logarithms = Float32Array.from({ length: 256 }, (_, count) => 1 + Math.log(count));

/**
 * A reader of features: hashed tokens, pairs and characters, each kind a vector of fixed length in which a repeated
 * feature counts by the logarithm, and the structure.
 */
export const createFeatureReader = (): FeatureReader => {
  const counts = new Uint16Array(BLOCKS * BUCKETS);
  const places = new Uint16Array(FEATURE_COUNT);
  const values = new Float32Array(FEATURE_COUNT);
  const structure = new Float32Array(STRUCTURE_SIZE);
  let size = 0;
  let words: number[] = [];
  let others: number[] = [];
  let previous = 0;

  const add = (place: number): void => {
    const count = counts[place] ?? 0;
    if (count === 0) places[size++] = place;
    counts[place] = count + 1;
  };
  const sink: TextSink = {
    token(hash, isWord) {
      (isWord ? words : others).push(hash);
      add(hash % BUCKETS);
      add(BUCKETS + (spread(Math.imul(previous, 31) ^ hash) % BUCKETS));
      previous = hash;
    },
    gram: (hash) => add(2 * BUCKETS + (hash % BUCKETS)),
  };

  return (view) => {
    const { text } = view;
    const scanned =
      text.length > 2 * END_LENGTH ? `${text.slice(0, END_LENGTH)}\n${text.slice(-END_LENGTH)}` : text;
    size = 0;
    words = [];
    others = [];
    previous = 0;
    const textCounts = scanText(scanned, sink);

    const squares = [0, 0, 0];
    for (let at = 0; at < size; at++) {
      const place = places[at] ?? 0;
      const value = logarithms[Math.min(255, counts[place] ?? 0)] ?? 0;
      counts[place] = 0;
      values[at] = value;
      const block = Math.floor(place / BUCKETS);
      squares[block] = (squares[block] ?? 0) + value * value;
    }
    const scales = squares.map((square, block) => (BLOCK_WEIGHTS[block] ?? 0) / Math.sqrt(square || 1));
    for (let at = 0; at < size; at++) {
      values[at] = (values[at] ?? 0) * (scales[Math.floor((places[at] ?? 0) / BUCKETS)] ?? 0);
    }
    writeStructure(structure, view, scanned, textCounts);
    for (let at = 0; at < STRUCTURE_SIZE; at++) {
      const value = structure[at] ?? 0;
      if (value === 0) continue;
      places[size] = BLOCKS * BUCKETS + at;
      values[size++] = value;
    }
    return { size, places, values, words: words.length > 0 ? words : others };
  };
};
