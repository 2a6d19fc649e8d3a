import { addToHash, HASH_START, spread } from './hash.js';

/** What was counted in a text. */
export interface TextCounts {
  words: number;
  /** Letters in words. */
  letters: number;
  numbers: number;
  digits: number;
  capitals: number;
  questions: number;
  sentences: number;
  commas: number;
  quotes: number;
  lines: number;
  /** Signs of arithmetic and logic. */
  symbols: number;
  braces: number;
  money: number;
  percents: number;
  nonAscii: number;
}

/** What a scan found. The arrays are the scanner's own and are valid until it scans again. */
interface ScannedText {
  readonly counts: TextCounts;
  /** Hashes of words, numbers (by their length only) and single signs, in their order. */
  readonly tokens: Uint32Array;
  readonly tokenCount: number;
  /** For each token 1 if it is a word. */
  readonly isWord: Uint8Array;
  /** Hashes of each four characters in a row; white space is one character. */
  readonly grams: Uint32Array;
  readonly gramCount: number;
}

/** Reads texts one after the other; keeps its working memory between them. */
export type TextScanner = (text: string) => ScannedText;

const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const SIGN = 3;
/** Of a script without spaces: each character is a word. */
const IDEOGRAPH = 4;

/** Up to here characters are looked up in tables: Latin, Greek, Cyrillic, Armenian. */
const TABLES = 0x590;

const LOWER = Uint16Array.from({ length: TABLES }, (_, unit) => {
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
});

const KINDS = Uint8Array.from({ length: TABLES }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/[\p{L}\p{M}]/u.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  return unit <= 0x20 || unit === 0xa0 ? SPACE : SIGN;
});

const kindAbove = (unit: number): number => {
  if (unit === 0x2028 || unit === 0x3000) return SPACE;
  if ((unit >= 0x2000 && unit < 0x2e80) || (unit >= 0x3000 && unit < 0x3040)) return SIGN;
  return unit >= 0x2e80 && unit < 0xa000 ? IDEOGRAPH : LETTER;
};

/** Longer numbers count as one of four digits. */
const NUMBER_LENGTH = 4;
const BLANK = 0x20;
const ANY_DIGIT = 0x30;
const LINE_END = 0x0a;

/** Find words, numbers, signs and runs of four characters, in one pass. */
export const createTextScanner = (longest: number): TextScanner => {
  const tokens = new Uint32Array(longest + 1);
  const isWord = new Uint8Array(longest + 1);
  const grams = new Uint32Array(longest + 1);

  return (text) => {
    const counts = noCounts();
    const end = Math.min(text.length, longest);
    let tokenCount = 0;
    let gramCount = 0;
    let kind = SPACE;
    let hash = HASH_START;
    let run = 0;
    let first = BLANK;
    let second = BLANK;
    let third = BLANK;
    for (let at = 0; at <= end; at++) {
      // A blank behind the end closes the last word.
      const written = at < end ? text.charCodeAt(at) : BLANK;
      const unit = written < TABLES ? (LOWER[written] ?? 0) : written;
      if (unit !== written) counts.capitals += 1;
      const next = unit < TABLES ? (KINDS[unit] ?? SIGN) : kindAbove(unit);
      if (next !== kind) {
        if (kind === LETTER) {
          counts.words += 1;
          counts.letters += run;
        } else if (kind === DIGIT) {
          counts.numbers += 1;
          counts.digits += run;
        }
        if (kind === LETTER || kind === DIGIT) {
          isWord[tokenCount] = kind === LETTER ? 1 : 0;
          tokens[tokenCount++] = spread(hash);
        }
        hash = HASH_START;
        run = 0;
      }
      if (next === LETTER) hash = addToHash(hash, unit);
      else if (next === DIGIT) {
        if (run < NUMBER_LENGTH) hash = addToHash(hash, ANY_DIGIT);
      } else if (next !== SPACE) {
        countSign(counts, unit);
        isWord[tokenCount] = next === IDEOGRAPH ? 1 : 0;
        tokens[tokenCount++] = spread(addToHash(HASH_START, unit));
      } else if (unit === LINE_END) counts.lines += 1;
      if (unit >= 128) counts.nonAscii += 1;
      run += 1;

      if (next !== SPACE || kind !== SPACE) {
        const fourth = next === SPACE ? BLANK : next === DIGIT ? ANY_DIGIT : unit;
        const pair = Math.imul((first << 16) | second, 0x9e3779b1);
        grams[gramCount++] = spread(pair ^ ((third << 16) | fourth));
        first = second;
        second = third;
        third = fourth;
      }
      kind = next;
    }
    return { counts, tokens, tokenCount, isWord, grams, gramCount };
  };
};

const noCounts = (): TextCounts => ({
  words: 0,
  letters: 0,
  numbers: 0,
  digits: 0,
  capitals: 0,
  questions: 0,
  sentences: 0,
  commas: 0,
  quotes: 0,
  lines: 0,
  symbols: 0,
  braces: 0,
  money: 0,
  percents: 0,
  nonAscii: 0,
});

type Counted = Exclude<
  keyof TextCounts,
  'words' | 'letters' | 'numbers' | 'digits' | 'capitals' | 'nonAscii'
>;

const SIGNS = new Map<number, readonly Counted[]>();
const mark = (signs: string, ...as: readonly Counted[]): void => {
  for (const sign of signs) SIGNS.set(sign.charCodeAt(0), as);
};
mark('.!。！', 'sentences');
mark('?？', 'questions', 'sentences');
mark(',、，', 'commas');
mark('"“”«»', 'quotes');
mark('=+*/^<>\\|±×÷√≤≥≠∑∫', 'symbols');
mark('{};', 'braces');
mark('$€£¥', 'money');
mark('%', 'percents');

const countSign = (counts: TextCounts, unit: number): void => {
  for (const kind of SIGNS.get(unit) ?? []) counts[kind] += 1;
};
