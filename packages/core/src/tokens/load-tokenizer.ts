import { estimateTextTokens } from './estimate-tokens.js';
import type { Tokenizer } from './tokenizer.js';

/** Models whose encoding is published, the first that fits. */
const ENCODINGS: readonly (readonly [RegExp, string])[] = [
  [/^(?:gpt-4o|gpt-4\.[1-9]|gpt-[5-9]|o\d|chatgpt-4o|codex|gpt-oss)/, 'o200k_base'],
  [/^(?:gpt-4|gpt-3\.5|text-embedding-)/, 'cl100k_base'],
];
const NEAREST = 'o200k_base';
/** Longer runs without a space, or of spaces, cost time by the square of their length. */
const LONGEST_RUN = /\S{1000}|\s{1000}/g;

interface Encoding {
  countTokens(text: string, options: { readonly disallowedSpecial: Set<string> }): number;
  setMergeCacheSize(words: number): void;
  readonly DEFAULT_MERGE_CACHE_SIZE: number;
}

const loading = new Map<string, Promise<Encoding | undefined>>();

/** Marks of a conversation are text like any other here. */
const PLAIN = { disallowedSpecial: new Set<string>() };

/** Loaded when it is first used: an encoding is some megabytes. The name is no literal, so that bundlers leave it alone. */
const load = (name: string): Promise<Encoding | undefined> => {
  const specifier = `gpt-tokenizer/encoding/${name}`;
  const known = loading.get(name);
  if (known !== undefined) return known;
  const found = import(/* @vite-ignore */ specifier).then(
    (module: Encoding) => module,
    () => undefined,
  );
  loading.set(name, found);
  return found;
};

/**
 * A tokenizer for a model: the published encoding of OpenAI's families, the nearest one (`approximate`) for others.
 * Without the optional package `gpt-tokenizer` it estimates by the characters.
 */
export const loadTokenizer = async (model: string): Promise<Tokenizer> => {
  const name = model.slice(model.indexOf('/') + 1);
  const known = ENCODINGS.find(([shape]) => shape.test(name))?.[1];
  const encoding = await load(known ?? NEAREST);
  if (encoding === undefined) return { name: 'estimate', approximate: true, count: estimateTextTokens };
  return {
    name: known ?? NEAREST,
    approximate: known === undefined,
    count: (text) => countBounded(text, encoding),
  };
};

/** How much may be counted before the words that the encoding remembers are forgotten, in characters. */
const MOST_REMEMBERED = 250_000;
const remembered = new WeakMap<Encoding, number>();

/** An encoding that remembers as many words as it may takes ever longer to forget the oldest: it never gets there. */
const countBounded = (text: string, encoding: Encoding): number => {
  const characters = (remembered.get(encoding) ?? 0) + text.length;
  if (characters <= MOST_REMEMBERED) {
    remembered.set(encoding, characters);
    return countInRuns(text, encoding);
  }
  remembered.set(encoding, 0);
  encoding.setMergeCacheSize(0);
  try {
    return countInRuns(text, encoding);
  } finally {
    encoding.setMergeCacheSize(encoding.DEFAULT_MERGE_CACHE_SIZE);
  }
};

/** A cut run counts at most one token more for each cut. */
const countInRuns = (text: string, encoding: Encoding): number => {
  let total = 0;
  let from = 0;
  for (const { index, 0: run } of text.matchAll(LONGEST_RUN)) {
    const end = index + run.length;
    total += encoding.countTokens(text.slice(from, end), PLAIN);
    from = end;
  }
  return total + encoding.countTokens(text.slice(from), PLAIN);
};
