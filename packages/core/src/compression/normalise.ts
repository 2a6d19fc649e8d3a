import type { CompressionStage, StageContext } from './compression-stage.js';
import { type Draft, mapOpenText, mapSlots, slotText } from './draft.js';

/**
 * Tidies white space, never wording: white space at the end of lines, more than one blank line in a row, carriage
 * returns before line breaks, the padding before the numbers of a listing, white space between the tokens of a text
 * that is JSON, and the signs of bullets (`•` becomes `-`). Diffs keep theirs. `expand` does not bring it back.
 */
export const normalise = (): CompressionStage => ({
  name: 'normalise',
  run: (draft: Draft, context: StageContext): Draft =>
    mapSlots(draft, (slot) => {
      if (slot.access === 'shut' || slot.access === 'trim') return slot;
      const tidy = mapOpenText(slot, (text, isLast) => normaliseText(text, isLast));
      // As long as before will do: what is written alike can be found again.
      return tidy === slot || context.isShorter(slotText(slot), slotText(tidy)) ? slot : tidy;
    }),
});

const DIFF = /^(?:diff --git |@@ -\d|--- |\+\+\+ )/m;

const normaliseText = (text: string, isLast: boolean): string => {
  const json = compactJson(text);
  if (json !== undefined) return json;
  if (DIFF.test(text)) return text;
  let tidy = /[ \t\r]\n/.test(text) ? trimLineEnds(text) : text;
  if (isLast) {
    tidy = withoutTail(tidy);
    // White space that JSON does not know may have stood behind it.
    const bare = tidy === text ? undefined : compactJson(tidy);
    if (bare !== undefined) return bare;
  }
  if (tidy.includes('\n\n\n')) tidy = tidy.replace(/\n{3,}/g, '\n\n');
  if (PADDED.test(tidy)) tidy = tidy.replace(PADDED_NUMBERS, '$1');
  if (BULLETS.test(tidy)) tidy = tidy.replace(BULLETS_ALL, '$1- ');
  return tidy;
};

/** A last line break stays, and so does a text that is nothing but white space. */
const withoutTail = (text: string): string => {
  const short = text.trimEnd();
  return short === '' ? text : `${short}${text.endsWith('\n') ? '\n' : ''}`;
};

const PADDED = /^ +\d{1,7}[→\t]/m;
const PADDED_NUMBERS = /^ +(\d{1,7}[→\t])/gm;
const BULLETS = /^[ \t]*[•◦▪‣●○] /m;
const BULLETS_ALL = /^([ \t]*)[•◦▪‣●○] +/gm;

/** Linear, where a regular expression would try each of many spaces anew. */
const trimLineEnds = (text: string): string => {
  let tidy = '';
  let from = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    let end = at;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    if (end < at) {
      tidy += text.slice(from, end);
      from = at;
    }
  }
  return tidy + text.slice(from);
};

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 13;

/** Without white space between its tokens, where the text is JSON. Numbers and strings stay as they are written. */
const compactJson = (text: string): string | undefined => {
  const first = text.trimStart().charAt(0);
  if (first !== '{' && first !== '[') return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let compact = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    } else if (code === 32 || (code >= 9 && code <= 13)) {
      compact += text.slice(from, at);
      from = at + 1;
    }
  }
  return compact + text.slice(from);
};

const QUOTE = 34;
const BACKSLASH = 92;
