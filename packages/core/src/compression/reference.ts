import { wholeIndex } from './whole-characters.js';

/** What a reference, a definition or a symbol looks like, also where it came in from outside. */
const REFERENCE =
  /\[ref:[a-z]+:[^[\]\n]{1,160}\]|^\[sym:§[^\n]{1,1000}\]$|\[code block: \d+ lines of [^[\]\n]{1,80}\]|§\d+/gm;

/** Splits a text at what looks like a reference: every second element is one. */
export const splitAtReferences = (text: string): string[] => {
  if (!text.includes('[ref:') && !text.includes('§') && !text.includes('[code block: ')) return [text];
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: found } of text.matchAll(REFERENCE)) {
    parts.push(text.slice(from, index), found);
    from = index + found.length;
  }
  parts.push(text.slice(from));
  return parts;
};

/** A 32-bit FNV-1a hash over UTF-16 units. */
const hash = (text: string, seed: number): number => {
  let value = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

/**
 * Names blocks by what they say. The same text has the same name in every call; two texts that one stage names have
 * different ones.
 */
export type BlockNames = (text: string) => string;

const DIGITS = 4;
const SPACE = 36 ** DIGITS;

export const blockNames = (): BlockNames => {
  const texts = new Map<string, string>();
  return (text) => {
    for (let seed = 0; ; seed++) {
      const id = (hash(text, seed) % SPACE).toString(36).padStart(DIGITS, '0');
      const known = texts.get(id);
      if (known === text) return id;
      if (known !== undefined) continue;
      texts.set(id, text);
      return id;
    }
  };
};

const EXCERPT = 28;

/** The beginning of a text, for a reader to find it by; empty where it has no words. */
export const excerpt = (text: string): string => {
  const line = text.trimStart();
  const end = line.search(/[[\]\n\0]/);
  const start = end < 0 ? line : line.slice(0, end);
  return start.slice(0, wholeIndex(start, EXCERPT)).trim();
};
