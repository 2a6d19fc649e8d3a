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

/** Who is told what a scan finds. */
export interface TextSink {
  /** A word, a number (only its length is in the hash) or a single sign. */
  token(hash: number, isWord: boolean): void;
  /** Four characters in a row; white space is one character. */
  gram(hash: number): void;
}

const SPACE = 0;
const LETTER = 1;
const DIGIT = 2;
const SIGN = 3;
/** Of a script without spaces: each character is a word. */
const IDEOGRAPH = 4;

const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (/[a-z]/i.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  return unit <= 0x20 ? SPACE : SIGN;
});

const kindOf = (unit: number): number => {
  if (unit < 128) return ASCII_KINDS[unit] ?? SIGN;
  if (unit === 0xa0 || unit === 0x2028 || unit === 0x3000) return SPACE;
  if (unit < 0xc0 || (unit >= 0x2000 && unit < 0x2e80) || (unit >= 0x3000 && unit < 0x3040)) return SIGN;
  return unit >= 0x2e80 && unit < 0xa000 ? IDEOGRAPH : LETTER;
};

/** Longer numbers count as one of four digits. */
const NUMBER_LENGTH = 4;
const BLANK = 0x20;
const ANY_DIGIT = 0x30;

/** Find words, numbers, signs and runs of four characters, in one pass. */
export const scanText = (text: string, sink: TextSink): TextCounts => {
  const counts: TextCounts = {
    words: 0,
    letters: 0,
    numbers: 0,
    digits: 0,
    capitals: capitalsIn(text),
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
  };
  const lower = text.toLowerCase();
  const end = lower.length;
  let kind = SPACE;
  let hash = HASH_START;
  let run = 0;
  let [first, second, third] = [BLANK, BLANK, BLANK];
  for (let at = 0; at <= end; at++) {
    // A blank behind the end closes the last word.
    const unit = at < end ? lower.charCodeAt(at) : BLANK;
    const next = kindOf(unit);
    if (next !== kind) {
      if (kind === LETTER) {
        counts.words += 1;
        counts.letters += run;
        sink.token(spread(hash), true);
      } else if (kind === DIGIT) {
        counts.numbers += 1;
        counts.digits += run;
        sink.token(spread(hash), false);
      }
      hash = HASH_START;
      run = 0;
    }
    if (next === LETTER) hash = addToHash(hash, unit);
    else if (next === DIGIT) {
      if (run < NUMBER_LENGTH) hash = addToHash(hash, ANY_DIGIT);
    } else if (next !== SPACE) {
      sink.token(spread(addToHash(HASH_START, unit)), next === IDEOGRAPH);
      countSign(counts, unit);
    } else if (unit === 0x0a) counts.lines += 1;
    if (unit >= 128) counts.nonAscii += 1;
    run += 1;

    if (next !== SPACE || kind !== SPACE) {
      const fourth = next === SPACE ? BLANK : next === DIGIT ? ANY_DIGIT : unit;
      const pair = Math.imul((first << 16) | second, 0x9e3779b1);
      sink.gram(spread(pair ^ ((third << 16) | fourth)));
      first = second;
      second = third;
      third = fourth;
    }
    kind = next;
  }
  return counts;
};

const capitalsIn = (text: string): number => {
  let capitals = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 65 && unit <= 90) capitals += 1;
  }
  return capitals;
};

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
