import type { RequestView } from './request-view.js';
import type { TextCounts } from './scan-text.js';

/** Places that are kept for features of structure. */
export const STRUCTURE_SIZE = 48;

const SHORTEST = 4;
const LONGEST = 16;
const LENGTHS = LONGEST - SHORTEST + 1;
/** The weight of the structure beside the words. */
const SCALE = 0.5;
const OPTION = /^[ \t]*\(?[A-D][.):]/gm;

/**
 * Write the features of structure; each is about 0 to 1 before it is scaled.
 *
 * @param text - The part of the newest user message that was scanned, with its capitals.
 */
export const writeStructure = (
  into: Float32Array,
  view: RequestView,
  text: string,
  counts: TextCounts,
): void => {
  into.fill(0);
  // The length falls between two whole logarithms and counts for both, by nearness: no shape is assumed.
  const length = Math.min(LONGEST, Math.max(SHORTEST, Math.log2(view.text.length + 1)));
  const below = Math.min(LENGTHS - 2, Math.floor(length) - SHORTEST);
  into[below] = SCALE * (1 - (length - SHORTEST - below));
  into[below + 1] = SCALE * (length - SHORTEST - below);

  const scanned = text.length || 1;
  const options = text.match(OPTION)?.length ?? 0;
  const features = [
    saturating(counts.numbers, 2),
    share(counts.digits, scanned),
    flag(counts.numbers === 0),
    saturating(counts.questions, 1),
    saturating(counts.sentences, 2),
    saturating(counts.lines, 2),
    saturating(counts.commas, 3),
    saturating(counts.quotes, 2),
    saturating(counts.symbols, 2),
    share(counts.braces, scanned),
    share(counts.capitals, scanned),
    share(counts.nonAscii, scanned),
    saturating(counts.letters / (counts.words || 1), 4),
    flag(counts.money > 0),
    flag(counts.percents > 0),
    flag(text.includes('```')),
    flag(options >= 3),
    saturating(view.systemLength, 200),
    flag(view.systemLength > 0),
    saturating(view.earlierTurns, 2),
    saturating(view.tools, 2),
    flag(view.files > 0),
    flag(view.json),
  ];
  for (let at = 0; at < features.length; at++) into[LENGTHS + at] = SCALE * (features[at] ?? 0);
};

const saturating = (count: number, unit: number): number => Math.log1p(count / unit) / 2;
const share = (count: number, of: number): number => Math.min(1, (5 * count) / of);
const flag = (is: boolean): number => (is ? 1 : 0);
