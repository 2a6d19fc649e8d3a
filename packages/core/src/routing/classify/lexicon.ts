import { ENGLISH_WORDS } from './english-words.js';
import { OTHER_WORDS } from './other-words.js';
import type { WordMeaning } from './word-meaning.js';

/** The first row that gives a word a certain meaning wins; rows with other meanings add to it. */
const WORDS: ReadonlyMap<string, WordMeaning> = ((): ReadonlyMap<string, WordMeaning> => {
  const words = new Map<string, WordMeaning>();
  for (const [meaning, row] of [...ENGLISH_WORDS, ...OTHER_WORDS]) {
    for (const word of row.split(/\s+/)) words.set(word, { ...meaning, ...words.get(word) });
  }
  return words;
})();

/** `TypeError`, `NullPointerException`. */
const FAULT: WordMeaning = { thing: 'fault' };

/** What a word means here, in lower case. */
export const meaningOf = (word: string): WordMeaning | undefined =>
  WORDS.get(word) ?? (word.endsWith('error') || word.endsWith('exception') ? FAULT : undefined);

/** The word where it is one of the lexicon, and nothing where it is a person's own. */
export const shownWord = (word: string): string => (WORDS.has(word) ? word : '');

/** Whether words of this script are written without spaces. */
export const isIdeograph = (code: number): boolean => code >= 0x3040 && code <= 0x9fff;

/** The entries that are written without spaces by their first character, the longest first. */
const BY_BEGINNING: ReadonlyMap<number, readonly string[]> = ((): ReadonlyMap<number, readonly string[]> => {
  const all = new Map<number, string[]>();
  for (const word of WORDS.keys()) {
    const code = word.charCodeAt(0);
    if (isIdeograph(code)) all.set(code, [...(all.get(code) ?? []), word]);
  }
  for (const words of all.values()) words.sort((one, other) => other.length - one.length);
  return all;
})();

/** The entries of the lexicon in a run without spaces, the longest at each place. */
export const wordsWithin = (run: string): string[] => {
  const found: string[] = [];
  let index = 0;
  while (index < run.length) {
    const at = index;
    const word = BY_BEGINNING.get(run.charCodeAt(at))?.find((one) => run.startsWith(one, at));
    if (word !== undefined) found.push(word);
    index += word?.length ?? 1;
  }
  return found;
};
