/** A line of a text, or a part of a very long one. */
export interface TextLine {
  /** Where it begins, and where it ends without its line break. */
  readonly start: number;
  readonly end: number;
  /** What it says, without the number before it. */
  readonly key: string;
  /** Its number in a listing, -1 where it has none. */
  readonly number: number;
}

/** Longer lines are cut behind commas, semicolons and closing brackets, so that parts of them can be compared. */
const LONG_LINE = 240;
/** A part is at least this long, so that JSON is not cut at each comma. */
const LEAST_PART = 24;

/** Numbers of a listing may leave this many out: empty lines that were dropped. */
const WIDEST_GAP = 4;
const CARRIAGE_RETURN = 13;

/** Cuts a text into lines. Lines that are numbered in sequence (`12→`, `12:`, `12|`, `12` and a tab) lose the number. */
export const textLines = (text: string): TextLine[] => {
  const lines: TextLine[] = [];
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const next = found < 0 ? text.length : found + 1;
    const stop = found < 0 ? next : found;
    const end = stop > start && text.charCodeAt(stop - 1) === CARRIAGE_RETURN ? stop - 1 : stop;
    if (end - start > LONG_LINE) addParts(text, start, end, lines);
    else lines.push({ start, end, key: text.slice(start, end), number: -1 });
    start = next;
  }
  return withoutNumbers(text, lines);
};

const addParts = (text: string, start: number, end: number, lines: TextLine[]): void => {
  let from = start;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    // , ; ] }
    if (
      (code === 44 || code === 59 || code === 93 || code === 125) &&
      at + 1 - from >= LEAST_PART &&
      at + 1 < end
    ) {
      // The mark keeps a part from being taken for a whole line.
      lines.push({ start: from, end: at + 1, key: `${text.slice(from, at + 1)}\0`, number: -1 });
      from = at + 1;
    }
  }
  lines.push({ start: from, end, key: text.slice(from, end), number: -1 });
};

interface Gutter {
  readonly number: number;
  readonly sign: number;
  readonly rest: number;
}

/** Only numbers in sequence are those of a listing; others are part of what a line says. */
const withoutNumbers = (text: string, lines: TextLine[]): TextLine[] => {
  let before: Gutter | undefined;
  let here = lines[0] && readGutter(text, lines[0]);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as TextLine;
    const following = lines[index + 1];
    const after = following && readGutter(text, following);
    if (here !== undefined && (follows(before, here) || follows(here, after))) {
      lines[index] = { ...line, key: text.slice(here.rest, line.end), number: here.number };
    }
    before = here;
    here = after;
  }
  return lines;
};

const follows = (first: Gutter | undefined, second: Gutter | undefined): boolean =>
  first !== undefined &&
  second !== undefined &&
  second.number > first.number &&
  second.number - first.number <= WIDEST_GAP &&
  second.sign === first.sign;

const ARROW = 0x2192;

const readGutter = (text: string, { start, end, key }: TextLine): Gutter | undefined => {
  if (key.endsWith('\0')) return undefined;
  let at = start;
  while (at < end && text.charCodeAt(at) === 32) at++;
  const digits = at;
  let number = 0;
  for (let code = text.charCodeAt(at); at < end && code >= 48 && code <= 57; code = text.charCodeAt(++at)) {
    number = number * 10 + code - 48;
  }
  if (at === digits || at - digits > 7 || at >= end) return undefined;
  const sign = text.charCodeAt(at);
  // tab : |
  return sign === ARROW || sign === 9 || sign === 58 || sign === 124
    ? { number, sign, rest: at + 1 }
    : undefined;
};
