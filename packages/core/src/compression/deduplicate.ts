import type { CompressionStage, StageContext } from './compression-stage.js';
import { type Draft, type Mark, mapSlots, type Piece, pieceText, slotText } from './draft.js';
import { type LineIndex, lineIndex, type Run } from './line-index.js';
import { excerpt } from './reference.js';
import { findRepetitions } from './repeated-lines.js';
import { type TextLine, textLines } from './text-lines.js';

/**
 * Replaces what stands earlier in the conversation already by a reference to it: whole outputs, and runs of lines in
 * them, also where a listing numbers them otherwise. Lines that repeat, or differ only in numbers that count evenly,
 * become one line and a reference. The earlier text stays as it is. Only tool results and older user messages are
 * rewritten.
 */
export const deduplicate = (): CompressionStage => ({
  name: 'deduplicate',
  run: (draft: Draft, context: StageContext): Draft => {
    const index = lineIndex();
    const said = new Set<string>();
    return mapSlots(draft, (slot) => {
      if (slot.access === 'open') {
        const fresh = new Set<string>();
        const pieces = slot.pieces.flatMap((piece) =>
          typeof piece === 'string' ? shorten(piece, index, context, said, fresh) : keep(piece, index),
        );
        const shorter = { ...slot, pieces };
        if (pieces.every((piece, at) => piece === slot.pieces[at])) return slot;
        if (context.isShorter(slotText(shorter), slotText(slot))) {
          for (const id of fresh) said.add(id);
          return shorter;
        }
      }
      remember(slot.pieces, index);
      return slot;
    });
  },
});

const keep = (piece: Mark, index: LineIndex): Piece[] => {
  index.remember(textLines(piece.text));
  return [piece];
};

/** What is left of a line beside a mark is no line. */
const remember = (pieces: readonly Piece[], index: LineIndex): void => {
  pieces.forEach((piece, at) => {
    if (typeof piece !== 'string' && piece.kind !== 'kept') return;
    const text = pieceText(piece);
    const lines = textLines(text);
    const before = pieces[at - 1];
    const after = pieces[at + 1];
    const from = before === undefined || text.startsWith('\n') || pieceText(before).endsWith('\n') ? 0 : 1;
    const isCut = after !== undefined && !text.endsWith('\n') && !pieceText(after).startsWith('\n');
    index.remember(lines.slice(from, isCut ? -1 : undefined));
  });
};

const shorten = (
  text: string,
  index: LineIndex,
  context: StageContext,
  said: ReadonlySet<string>,
  fresh: Set<string>,
): Piece[] => {
  const lines = textLines(text);
  const marks: { from: number; to: number; mark: (original: string) => Mark }[] = [];
  const addRuns = (from: number, to: number): void => {
    const stretch = from === 0 && to === lines.length ? lines : lines.slice(from, to);
    for (const run of index.findRuns(stretch)) {
      marks.push({
        from: from + run.from,
        to: from + run.to,
        mark: (original) => {
          const id = context.names(original);
          const words = said.has(id) || fresh.has(id) ? '' : ` ${describe(stretch, run)}`;
          fresh.add(id);
          return { kind: 'block', id, original, text: `[ref:block:${id}${words}]` };
        },
      });
    }
  };
  let done = 0;
  for (const { from, to, words } of findRepetitions(text, lines)) {
    addRuns(done, from);
    marks.push({
      from,
      to,
      mark: (original) => {
        const id = context.names(original);
        return { kind: 'repeat', id, original, text: `[ref:repeat:${id} ${words}]` };
      },
    });
    done = to;
  }
  addRuns(done, lines.length);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { from, to, mark } of marks) {
    const start = lines[from]?.start ?? 0;
    const end = lines[to - 1]?.end ?? start;
    if (start > at) pieces.push(text.slice(at, start));
    pieces.push(mark(text.slice(start, end)));
    at = end;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
};

/** For the model: which lines are meant, and how to find them. */
const describe = (lines: readonly TextLine[], { from, to, kind, shift }: Run): string => {
  const first = lines[from];
  const last = lines[to - 1];
  if (first === undefined || last === undefined) return '';
  if (first.number >= 0 && last.number >= first.number) {
    const here = range(first.number, last.number);
    if (kind === 'shifted') return `${here} as ${range(first.number - shift, last.number - shift)} above`;
    if (kind === 'same') return `${here} as above`;
    return `${here} as above from "${excerpt(first.key)}"`;
  }
  let beginning = '';
  for (let line = from; line < to && beginning === ''; line++) beginning = excerpt(lines[line]?.key ?? '');
  return `${to - from} ${to - from === 1 ? 'line' : 'lines'} as above from "${beginning}"`;
};

const range = (first: number, last: number): string =>
  first === last ? `line ${first}` : `lines ${first}-${last}`;
