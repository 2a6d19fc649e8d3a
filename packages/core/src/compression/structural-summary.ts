import { joinPieces, type Mark, type Piece, type Slot } from './draft.js';
import { fencedCode } from './fenced-code.js';
import type { BlockNames } from './reference.js';
import { wholeIndex } from './whole-characters.js';

/** How much of an old text stays. */
export interface SummaryShape {
  /** Lines at the beginning and at the end. */
  readonly edgeLines: number;
  /** Lines between them that show what the text is about: errors, declarations, headings, the heads of diffs. */
  readonly landmarks: number;
  /** Texts up to this length stay whole, in characters. */
  readonly wholeBelow: number;
}

const LANDMARK =
  /\b(?:error|exception|traceback|panic|fatal|failed|failure|warning)\b|^(?:diff --git |@@ |\+\+\+ |#{1,4} )|^[\s\d:|→]*(?:export\s+|pub\s+|public\s+|async\s+)*(?:def|class|function|func|fn|interface|type|struct|enum|impl|trait|defmodule|module)\s/i;
/** Longer lines are cut. */
const LONGEST_LINE = 300;
const LEAST_GAP = 2;

/**
 * Shortens an old text by its structure: its first and last lines and its landmarks stay, word for word, the lines
 * between them become references. A very long line keeps its beginning and its end.
 */
export const summarise = (slot: Slot, shape: SummaryShape, names: BlockNames): Slot => {
  // Without its code it is short enough.
  if (slot.pieces.some((piece) => typeof piece !== 'string' && piece.kind === 'text')) return slot;
  const pieces = slot.pieces.flatMap((piece) =>
    typeof piece === 'string' && piece.length > shape.wholeBelow
      ? summariseText(piece, shape, names)
      : [piece],
  );
  return pieces.every((piece, at) => piece === slot.pieces[at]) ? slot : { ...slot, pieces };
};

const summariseText = (text: string, { edgeLines, landmarks }: SummaryShape, names: BlockNames): Piece[] => {
  const lines = text.split('\n');
  const body = lines.length - (text.endsWith('\n') ? 1 : 0);
  const stays = new Set<number>();
  for (let line = 0; line < Math.min(edgeLines, body); line++) stays.add(line).add(body - 1 - line);
  let left = landmarks;
  for (let line = edgeLines; line < body - edgeLines && left > 0; line++) {
    if (!LANDMARK.test(lines[line] ?? '')) continue;
    stays.add(line);
    left--;
  }
  const pieces: Piece[] = [];
  for (let line = 0; line < lines.length; ) {
    let to = line;
    while (to < body && !stays.has(to)) to++;
    if (to - line >= LEAST_GAP) {
      const original = lines.slice(line, to).join('\n');
      pieces.push(leftOut(original, `${to - line} lines left out`, names), to < lines.length ? '\n' : '');
      line = to;
      continue;
    }
    const whole = lines[line] ?? '';
    pieces.push(...shortLine(whole, names), line + 1 < lines.length ? '\n' : '');
    line++;
  }
  return joinPieces(pieces);
};

const leftOut = (original: string, words: string, names: BlockNames): Mark => {
  const id = names(original);
  return { kind: 'text', id, original, text: `[ref:text:${id} ${words}]` };
};

const shortLine = (line: string, names: BlockNames): Piece[] => {
  if (line.length <= LONGEST_LINE) return [line];
  const start = wholeIndex(line, LONGEST_LINE / 2);
  const end = wholeIndex(line, line.length - LONGEST_LINE / 4);
  const middle = line.slice(start, end);
  return [
    line.slice(0, start),
    leftOut(middle, `${middle.length} characters left out`, names),
    line.slice(end),
  ];
};

/** Replaces the blocks of code in an old text by `[code block: N lines of F]`. */
export const withoutCode = (slot: Slot, leastLines: number, names: BlockNames): Slot => {
  const [piece] = slot.pieces;
  if (slot.pieces.length !== 1 || typeof piece !== 'string') return slot;
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end, lines, name } of fencedCode(piece)) {
    if (lines < leastLines) continue;
    const original = piece.slice(start, end);
    const text = `[code block: ${lines} lines of ${name}]`;
    pieces.push(piece.slice(from, start), { kind: 'text', id: names(original), text, original });
    from = end;
  }
  return from === 0 ? slot : { ...slot, pieces: [...pieces, piece.slice(from)] };
};
