/** What a reference or a definition looks like, also where it came in from outside. */
const REFERENCE =
  /\[ref:[a-z]+:[^[\]\n]{1,160}\]|^\[sym:§[^\n]{1,1000}\]$|\[code block: \d+ lines of [^[\]\n]{1,80}\]/gm;
/** What a symbol looks like. */
export const SYMBOL_SIGN = '§';

/** Splits a text at what looks like a reference: every second element is one. */
export const splitAtReferences = (text: string): string[] => {
  if (!text.includes('[ref:') && !text.includes('[sym:') && !text.includes('[code block: ')) return [text];
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

/** Names blocks by what they say. The same text has the same name in every call, unless that name is taken. */
export interface BlockNames {
  /** The name for a text. */
  readonly name: (text: string) => string;
  /** A name that the conversation already uses for something that we do not know. */
  readonly take: (reference: string) => void;
}

const DIGITS = 4;
const SPACE = 36 ** DIGITS;

export const blockNames = (): BlockNames => {
  const texts = new Map<string, string | undefined>();
  const nameOf = (text: string): string => {
    for (let seed = 0; ; seed++) {
      const id = (hash(text, seed) % SPACE).toString(36).padStart(DIGITS, '0');
      if (!texts.has(id)) {
        texts.set(id, text);
        return id;
      }
      if (texts.get(id) === text) return id;
    }
  };
  return {
    name: nameOf,
    take: (reference) => {
      const id = /^\[ref:[a-z]+:(\w+)/.exec(reference)?.[1];
      if (id !== undefined) texts.set(id, undefined);
    },
  };
};

const EXCERPT = 28;

/** The beginning of a text, for a reader to find it by; empty where it has no words. */
export const excerpt = (text: string): string => {
  const line = text.trimStart();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark at the end of a part of a line.
  const end = line.search(/[[\]\n\0]/);
  const start = (end < 0 ? line : line.slice(0, end)).slice(0, EXCERPT).trim();
  return start;
};
