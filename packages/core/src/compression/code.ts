import type { CompressionStage, StageContext } from './compression-stage.js';
import {
  type Draft,
  joinPieces,
  type Mark,
  mapOpenText,
  mapSlots,
  type Piece,
  type Slot,
  slotText,
} from './draft.js';
import { type FencedCode, fencedCode } from './fenced-code.js';
import { excerpt } from './reference.js';
import { type TextLine, textLines } from './text-lines.js';

/** Shorter blocks are not worth a reference, in characters. */
const LEAST_BLOCK = 120;
const LEAST_LINES = 3;
/** Empty lines mean something here, or nobody knows. */
const NOT_CODE = /^(?:$|diff|patch|md|markdown|mdx|te?xt|plain|plaintext|console|output|csv|tsv)$/i;

/**
 * Shortens code: drops empty lines and the white space at the end of lines in fenced blocks of a programming language
 * and in numbered listings (whose numbers show the gap), and replaces a fenced block that stands earlier already by a
 * reference, also in what the model said itself. Never identifiers, the order of lines, or indentation. `expand` does
 * not bring the empty lines back.
 */
export const code = (): CompressionStage => ({
  name: 'code',
  run: (draft: Draft, context: StageContext): Draft => {
    const blocks = new Set<string>();
    return mapSlots(draft, (slot) => {
      const text = slotText(slot);
      const isFixed = slot.access === 'shut' || slot.access === 'trim';
      const shorter = isFixed ? slot : shorten(slot, blocks, context);
      const result = shorter !== slot && context.isShorter(slotText(shorter), text) ? shorter : slot;
      for (const block of fencedCode(slotText(result)))
        blocks.add(slotText(result).slice(block.start, block.end));
      return result;
    });
  },
});

const shorten = (slot: Slot, blocks: ReadonlySet<string>, context: StageContext): Slot => {
  const [piece] = slot.pieces;
  const fenced =
    slot.pieces.length === 1 && typeof piece === 'string' ? shortenFenced(piece, blocks, context) : undefined;
  const tidy = fenced === undefined ? slot : { ...slot, pieces: fenced };
  return slot.access === 'open' ? mapOpenText(tidy, withoutEmptyNumbers) : tidy;
};

const shortenFenced = (
  text: string,
  blocks: ReadonlySet<string>,
  { names }: StageContext,
): Piece[] | undefined => {
  const pieces: Piece[] = [];
  let from = 0;
  let changed = false;
  const seen = new Set(blocks);
  for (const block of fencedCode(text)) {
    const before = text.slice(block.start, block.end);
    const tidy = NOT_CODE.test(block.language) ? before : withoutEmptyLines(before);
    const known = seen.has(tidy) && tidy.length >= LEAST_BLOCK && block.lines >= LEAST_LINES;
    if (known || tidy !== before) {
      changed = true;
      pieces.push(
        text.slice(from, block.start),
        known ? reference(before, tidy, block, names(before)) : tidy,
      );
      from = block.end;
    }
    seen.add(tidy);
  }
  if (!changed) return undefined;
  return joinPieces([...pieces, text.slice(from)]);
};

const reference = (original: string, tidy: string, { lines }: FencedCode, id: string): Mark => ({
  kind: 'code',
  id,
  original,
  text: `[ref:code:${id} ${lines} lines as above from "${excerpt(tidy)}"]`,
});

const withoutEmptyLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');

/** Drops the lines of a listing that have a number and nothing else, where the numbers around them show the gap. */
const withoutEmptyNumbers = (text: string): string => {
  const lines = textLines(text);
  let tidy = '';
  let done = 0;
  for (let from = 0; from < lines.length; from++) {
    if (!isEmptyNumber(text, lines[from])) continue;
    let to = from;
    while (isEmptyNumber(text, lines[to])) to++;
    const before = lines[from - 1]?.number ?? -1;
    const after = lines[to]?.number ?? -1;
    if (before >= 0 && after - before === to - from + 1) {
      tidy += text.slice(done, lines[from]?.start);
      done = lines[to]?.start ?? text.length;
    }
    from = to;
  }
  return done === 0 ? text : tidy + text.slice(done);
};

const isEmptyNumber = (text: string, line: TextLine | undefined): boolean =>
  line !== undefined && line.number >= 0 && line.key.trim() === '' && text.charCodeAt(line.end) === LINE_FEED;

const LINE_FEED = 10;
