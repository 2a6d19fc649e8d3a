import { ENGLISH_WORDS } from './english-words.js';
import { OTHER_WORDS } from './other-words.js';
import type { WordMeaning } from './word-meaning.js';

/** The most characters of a Chinese entry. */
const LONGEST_CHINESE = 4;

/** The first row that gives a word a certain meaning wins; rows with other meanings add to it. */
const WORDS: ReadonlyMap<string, WordMeaning> = ((): ReadonlyMap<string, WordMeaning> => {
  const words = new Map<string, WordMeaning>();
  for (const [meaning, row] of [...ENGLISH_WORDS, ...OTHER_WORDS]) {
    for (const word of row.split(' ')) words.set(word, { ...meaning, ...words.get(word) });
  }
  return words;
})();

/** What a word means here, in lower case. */
export const meaningOf = (word: string): WordMeaning | undefined => WORDS.get(word);

/** Whether words of this script are written without spaces. */
export const isIdeograph = (code: number): boolean => code >= 0x3040 && code <= 0x9fff;

const BEGINNINGS: ReadonlySet<number> = new Set(
  [...WORDS.keys()].map((word) => word.charCodeAt(0)).filter(isIdeograph),
);

/** The entries of the lexicon in a run without spaces, the longest at each place. */
export const wordsWithin = (run: string): string[] => {
  const found: string[] = [];
  let index = 0;
  while (index < run.length) {
    let length = BEGINNINGS.has(run.charCodeAt(index)) ? LONGEST_CHINESE : 0;
    while (length > 0 && !WORDS.has(run.slice(index, index + length))) length -= 1;
    if (length > 0) found.push(run.slice(index, index + length));
    index += Math.max(1, length);
  }
  return found;
};
