/** Characters at the end that are looked at. */
const TAIL = 6_000;
/** A unit that comes this often in a row is a loop. */
const TIMES = 8;
/** And this many characters of it: a ruler or a row of a table is none. */
const SHORTEST_LOOP = 400;
const HAS_LETTERS = /[\p{L}\p{N}]{2}/u;
const SHORTEST_LINE = 30;
const FEWEST_LINES = 10;
const REPEATED_SHARE = 0.6;

/**
 * The longest stretch at the end of a text that is one unit over and over. By the prefix function of the text read
 * backwards: linear.
 */
const endsInLoop = (text: string): boolean => {
  const tail = text.slice(-TAIL).trimEnd();
  const size = tail.length;
  // As numbers, backwards: every answer is looked at, and most are no loop.
  const codes = new Uint16Array(size);
  for (let index = 0; index < size; index++) codes[index] = tail.charCodeAt(size - 1 - index);
  const borders = new Uint16Array(size);
  let border = 0;
  let ruled = 0;
  for (let index = 1; index < size; index++) {
    while (border > 0 && codes[index] !== codes[border]) border = borders[border - 1] ?? 0;
    if (codes[index] === codes[border]) border += 1;
    borders[index] = border;
    const length = index + 1;
    const period = length - border;
    if (length < SHORTEST_LOOP || length < period * TIMES || period === ruled) continue;
    if (HAS_LETTERS.test(tail.slice(size - period))) return true;
    ruled = period;
  }
  return false;
};

/** Whether most of the longer lines were there before. */
const repeatsLines = (text: string): boolean => {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE);
  if (lines.length < FEWEST_LINES) return false;
  return 1 - new Set(lines).size / lines.length >= REPEATED_SHARE;
};

/** Whether a model got stuck: the same words, or the same lines, again and again. */
export const isStuck = (text: string): boolean => endsInLoop(text) || repeatsLines(text);
