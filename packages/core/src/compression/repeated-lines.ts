import type { TextLine } from './text-lines.js';

/** Lines that follow a first one and say the same, or count on. */
export interface Repetition {
  /** The first of the lines that can go, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** In words, for the model. */
  readonly words: string;
}

/** Fewer repetitions, or shorter ones, are left as they are. */
const LEAST_LINES = 3;
const LEAST_TEXT = 60;
/** With more numbers that count at once it would be a riddle. */
const MOST_COUNTERS = 2;
const NUMBER = /\d{1,12}/g;
const MARK = '\0';

interface Shape {
  readonly template: string;
  readonly numbers: readonly string[];
}

const shapeOf = (text: string): Shape => {
  const numbers: string[] = [];
  const template = text.replace(NUMBER, (digits) => {
    numbers.push(digits);
    return MARK;
  });
  return { template, numbers };
};

/** By how much each number grows; `undefined` where the lines differ otherwise, or in too many numbers. */
const steps = (before: Shape, after: Shape): number[] | undefined => {
  if (before.template !== after.template || before.numbers.length !== after.numbers.length) return undefined;
  const grown: number[] = [];
  for (const [index, first] of before.numbers.entries()) {
    const second = after.numbers[index] ?? '';
    // Leading zeros: the width stays.
    if (
      first !== second &&
      (first.startsWith('0') || second.startsWith('0')) &&
      first.length !== second.length
    ) {
      return undefined;
    }
    grown.push(Number(second) - Number(first));
  }
  return grown.filter((step) => step !== 0).length > MOST_COUNTERS ? undefined : grown;
};

const equal = (first: readonly number[], second: readonly number[]): boolean =>
  first.every((value, index) => value === second[index]);

/** Finds lines that say the same many times, or differ only in numbers that count evenly. */
export const findRepetitions = (text: string, lines: readonly TextLine[]): Repetition[] => {
  const found: Repetition[] = [];
  // The mark of a number: such a text could not be told from one with numbers.
  if (text.includes(MARK)) return found;
  let index = 0;
  let shape: Shape | undefined;
  while (index + LEAST_LINES < lines.length) {
    const line = lines[index] as TextLine;
    const next = lines[index + 1] as TextLine;
    // Cheap: nearly all neighbours differ in length by more than numbers do, or at their first or last letter.
    if (!maybeAlike(text, line, next)) {
      index++;
      shape = undefined;
      continue;
    }
    shape ??= shapeOf(text.slice(line.start, line.end));
    const nextShape = shapeOf(text.slice(next.start, next.end));
    const grown = steps(shape, nextShape);
    if (grown === undefined) {
      index++;
      shape = nextShape;
      continue;
    }
    let last = index + 1;
    let lastShape = nextShape;
    while (last + 1 < lines.length) {
      const following = lines[last + 1] as TextLine;
      const followingShape = shapeOf(text.slice(following.start, following.end));
      const more = steps(lastShape, followingShape);
      if (more === undefined || !equal(more, grown)) break;
      last++;
      lastShape = followingShape;
    }
    const count = last - index;
    const start = lines[index + 1]?.start ?? 0;
    if (count >= LEAST_LINES && (lines[last]?.end ?? 0) - start >= LEAST_TEXT) {
      found.push({ from: index + 1, to: last + 1, words: words(count, shape, lastShape, grown) });
    }
    index = last;
    shape = lastShape;
  }
  return found;
};

const maybeAlike = (text: string, first: TextLine, second: TextLine): boolean => {
  const length = first.end - first.start;
  if (length === 0 || Math.abs(second.end - second.start - length) > 4) return false;
  return alikeAt(text, first.start, second.start) && alikeAt(text, first.end - 1, second.end - 1);
};

const alikeAt = (text: string, first: number, second: number): boolean => {
  const one = text.charCodeAt(first);
  const other = text.charCodeAt(second);
  return one === other || (one >= 48 && one <= 57 && other >= 48 && other <= 57);
};

const words = (count: number, first: Shape, last: Shape, grown: readonly number[]): string => {
  const counting = grown.flatMap((step, index) => (step === 0 ? [] : [index]));
  if (counting.length === 0) return `the line above ${count} more times`;
  const ranges = counting.map((index) => {
    const step = grown[index] ?? 0;
    const by = Math.abs(step) === 1 ? '' : ` by ${step}`;
    return `${first.numbers[index]} to ${last.numbers[index]}${by}`;
  });
  return `${count} more such lines, counting from ${ranges.join(' and ')}`;
};
