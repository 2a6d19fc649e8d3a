import { spread } from './hash.js';
import type { RequestView } from './request-view.js';
import { createTextScanner } from './scan-text.js';
import { STRUCTURE_SIZE, writeStructure } from './structure-features.js';

/** Places for each kind of n-gram: tokens, pairs of tokens, and four characters in a row. */
const BUCKET_BITS = 12;
const BUCKETS = 4096;
const LAST = BUCKETS - 1;
const BLOCK_WEIGHTS = [1, 0.5, 1] as const;
const BLOCKS = BLOCK_WEIGHTS.length;
/** Places of all features together. */
export const FEATURE_COUNT: number = BLOCKS * BUCKETS + STRUCTURE_SIZE;
/** Of a longer text only the two ends are read, so that the time is bounded: instructions stand there. */
const LONGEST = 4096;

/** The features of one request. The arrays are the reader's own and are valid until it reads again. */
export interface Features {
  /** How many places of the arrays are filled. */
  readonly size: number;
  readonly places: Uint16Array;
  readonly values: Float32Array;
  /** Hashes of the words; of all tokens in a text without words. */
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
  const scan = createTextScanner(LONGEST);
  const counts = new Uint16Array(BLOCKS * BUCKETS);
  const places = new Uint16Array(FEATURE_COUNT);
  const values = new Float32Array(FEATURE_COUNT);
  const structure = new Float32Array(STRUCTURE_SIZE);
  const scales = new Float64Array(BLOCKS);

  return (view) => {
    const text = ends(view.text);
    const scanned = scan(text);
    const { tokens, tokenCount, isWord, grams, gramCount } = scanned;
    let size = 0;
    let previous = 0;
    const words: number[] = [];
    for (let at = 0; at < tokenCount; at++) {
      const token = tokens[at] ?? 0;
      if (isWord[at] === 1) words.push(token);
      const place = token & LAST;
      if (counts[place] === 0) places[size++] = place;
      counts[place] = (counts[place] ?? 0) + 1;
      const pair = BUCKETS + (spread(Math.imul(previous, 31) ^ token) & LAST);
      if (counts[pair] === 0) places[size++] = pair;
      counts[pair] = (counts[pair] ?? 0) + 1;
      previous = token;
    }
    for (let at = 0; at < gramCount; at++) {
      const place = 2 * BUCKETS + ((grams[at] ?? 0) & LAST);
      if (counts[place] === 0) places[size++] = place;
      counts[place] = (counts[place] ?? 0) + 1;
    }

    scales.fill(0);
    for (let at = 0; at < size; at++) {
      const place = places[at] ?? 0;
      const value = logarithms[Math.min(255, counts[place] ?? 0)] ?? 0;
      counts[place] = 0;
      values[at] = value;
      const block = place >>> BUCKET_BITS;
      scales[block] = (scales[block] ?? 0) + value * value;
    }
    for (let block = 0; block < BLOCKS; block++) {
      scales[block] = (BLOCK_WEIGHTS[block] ?? 0) / Math.sqrt(scales[block] || 1);
    }
    for (let at = 0; at < size; at++) {
      values[at] = (values[at] ?? 0) * (scales[(places[at] ?? 0) >>> BUCKET_BITS] ?? 0);
    }

    writeStructure(structure, view, text, scanned.counts);
    for (let at = 0; at < STRUCTURE_SIZE; at++) {
      const value = structure[at] ?? 0;
      if (value === 0) continue;
      places[size] = BLOCKS * BUCKETS + at;
      values[size++] = value;
    }
    return { size, places, values, words: words.length > 0 ? words : [...tokens.subarray(0, tokenCount)] };
  };
};

/** A copy outside the reader's working memory. */
export const keepFeatures = ({ size, places, values, words }: Features): Features => ({
  size,
  places: places.slice(0, size),
  values: values.slice(0, size),
  words,
});

/** Of a long text the two ends. */
const ends = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST / 2)}\n${text.slice(1 - LONGEST / 2)}` : text;
