import { isIdeograph, meaningOf, wordsWithin } from './lexicon.js';
import type { WordMeaning } from './word-meaning.js';

/** A sentence of a message. */
export interface Sentence {
  /** In lower case, without punctuation; ideographs by the entries of the lexicon that they hold. */
  readonly words: readonly string[];
  readonly meanings: readonly (WordMeaning | undefined)[];
  /** It ends in a question mark. */
  readonly asks: boolean;
}

/** What the prose of a message holds beside its sentences. */
export interface ProseNotes {
  /** Names of files and folders. */
  readonly paths: Set<string>;
  /** Pieces in back quotes. */
  inlineCode: number;
  commas: number;
}

const ENDS = '.?!:;';
const WIDE_ENDS = '。？！：；';
const QUOTES = '"“”';
const FILE_ENDINGS: ReadonlySet<string> = new Set(
  'ts tsx mts cts js jsx mjs cjs py rs go java kt rb php c cs cpp h hpp swift sql sh yml yaml json toml html htm css scss vue svelte md ex exs tf'.split(
    ' ',
  ),
);
const LONGEST_PATH = 200;
const LONGEST_WORD = 40;
/** Words after which a sentence ends in any case: what is asked of a sentence takes more than linear time. */
const LONGEST_SENTENCE = 80;

// What a token holds, found while it is cut out.
const STOP = 1;
const SLASH = 2;
const QUOTE = 4;
const IDEOGRAPH = 8;

const featureOf = (code: number): number => {
  if (code >= 97 && code <= 122) return 0;
  if (code === 46) return STOP;
  if (code === 47) return SLASH;
  if (code === 34 || code === 0x201c || code === 0x201d) return QUOTE;
  return isIdeograph(code) || code === 0xff1f ? IDEOGRAPH : 0;
};

const isWordCode = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 48 && code <= 57) ||
  (code >= 0xc0 && code < 0x2000) ||
  code > 0x3002;

/** Without what stands around a word: quotes, brackets, stops. */
const bare = (token: string): string => {
  let begin = 0;
  let end = token.length;
  while (begin < end && !isWordCode(token.charCodeAt(begin))) begin += 1;
  while (end > begin && !isWordCode(token.charCodeAt(end - 1)) && token[end - 1] !== '+') end -= 1;
  return begin === 0 && end === token.length ? token : token.slice(begin, end);
};

const isPath = (word: string, token: string): boolean => {
  if (word === '' || word.includes('://')) return false;
  if (word.includes('.') && FILE_ENDINGS.has(word.slice(word.lastIndexOf('.') + 1))) return true;
  const slash = word.indexOf('/');
  if (slash === -1) return token.includes(`${word}/`);
  return word.startsWith('src') || token.endsWith('/') || word.indexOf('/', slash + 1) !== -1;
};

/** Reads lines of prose into sentences. */
export const createSentenceReader = (
  notes: ProseNotes,
): { readonly line: (text: string) => void; readonly sentences: readonly Sentence[] } => {
  const sentences: Sentence[] = [];
  let words: string[] = [];
  let meanings: (WordMeaning | undefined)[] = [];
  let quoted = false;

  const close = (asks: boolean): void => {
    if (words.length > 0) sentences.push({ words, meanings, asks });
    words = [];
    meanings = [];
  };
  const push = (word: string): void => {
    if (words.length === LONGEST_SENTENCE) close(false);
    const meaning = meaningOf(word);
    words.push(word);
    // What is quoted is not asked for; a fault in it is still one.
    meanings.push(quoted && meaning?.thing !== 'fault' ? undefined : meaning);
  };
  const pushRun = (run: string): void => {
    let begin = 0;
    for (let index = 0; index < run.length; index++) {
      if (!WIDE_ENDS.includes(run[index] ?? '')) continue;
      const part = run.slice(begin, index);
      for (const word of wordsWithin(part)) push(word);
      close(run[index] === '？' || part.endsWith('吗'));
      begin = index + 1;
    }
    for (const word of wordsWithin(run.slice(begin))) push(word);
  };
  const pushToken = (token: string, features: number): void => {
    if ((features & IDEOGRAPH) !== 0) return pushRun(token);
    const word = bare(token);
    if ((features & (STOP | SLASH)) !== 0 && token.length <= LONGEST_PATH && isPath(word, token)) {
      notes.paths.add(word);
    } else if (word !== '' && word.length <= LONGEST_WORD) push(word);
  };
  const token = (text: string, features: number): void => {
    const first = text[0] ?? '';
    let last = text.at(-1) ?? '';
    if (first === '`' || last === '`') notes.inlineCode += 1;
    if (last === ',') notes.commas += 1;
    const isQuote = (features & QUOTE) !== 0;
    if (isQuote && QUOTES.includes(first)) quoted = true;
    pushToken(text, features);
    if (isQuote && (text.lastIndexOf('"') > 0 || text.includes('”'))) {
      quoted = false;
      if (QUOTES.includes(last)) last = text.at(-2) ?? '';
    }
    if (!quoted && ENDS.includes(last)) close(last === '?' || text.includes('?'));
  };

  return {
    sentences,
    line(text) {
      const lower = text.toLowerCase().replaceAll('’', "'");
      let begin = 0;
      let features = 0;
      for (let index = 0; index <= lower.length; index++) {
        const code = index < lower.length ? lower.charCodeAt(index) : 32;
        if (code !== 32 && code !== 9 && code !== 160) {
          features |= featureOf(code);
          continue;
        }
        if (index > begin) token(lower.slice(begin, index), features);
        begin = index + 1;
        features = 0;
      }
      quoted = false;
      close(false);
    },
  };
};
