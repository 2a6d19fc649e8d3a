import { lineKind } from './line-kind.js';
import { createSentenceReader, type Sentence } from './sentence.js';

/** What a text is made of. */
export interface TextReading {
  readonly sentences: readonly Sentence[];
  readonly paths: ReadonlySet<string>;
  readonly inlineCode: number;
  readonly codeBlocks: number;
  /** Lines of code, in blocks and outside of them. */
  readonly codeLines: number;
  readonly diffLines: number;
  readonly traceLines: number;
  readonly errorLines: number;
  readonly logLines: number;
  /** Items of lists. */
  readonly listItems: number;
  /** Commas of the prose. */
  readonly commas: number;
}

const FENCE = '```';

/** Spaces before a fence. */
const MOST_INDENT = 8;

const beginsLine = (text: string, place: number): boolean => {
  let index = place;
  while (index > 0 && place - index < MOST_INDENT && text[index - 1] === ' ') index -= 1;
  return index === 0 || text[index - 1] === '\n';
};

/** Whether a place in a text is inside of a code block. */
const isFenced = (text: string, place: number): boolean => {
  let open = false;
  for (
    let index = text.indexOf(FENCE);
    index !== -1 && index < place;
    index = text.indexOf(FENCE, index + 3)
  ) {
    if (beginsLine(text, index)) open = !open;
  }
  return open;
};

/**
 * Takes a text apart, line by line: prose into sentences, the rest into counts.
 *
 * @param limit - Characters to read at most: of what is between, only the fences of code blocks are looked for.
 */
export const readText = (text: string, limit: number): TextReading => {
  const notes = { paths: new Set<string>(), inlineCode: 0, commas: 0 };
  const reader = createSentenceReader(notes);
  const counts = { codeBlocks: 0, code: 0, diff: 0, trace: 0, error: 0, log: 0, listItems: 0 };
  const fenced = { open: false };
  let inDiff = false;

  const plainLine = (raw: string, line: string): void => {
    const kind = lineKind(line);
    if (kind === 'fence') {
      fenced.open = line.length < 6 || !line.endsWith('```');
      counts.codeBlocks += 1;
      return;
    }
    if (kind === 'blank') {
      inDiff = false;
      return;
    }
    if (kind === 'diff' || (inDiff && '+- '.includes(raw[0] ?? ''))) {
      inDiff = true;
      counts.diff += 1;
    } else if (kind === 'prose') {
      if (isListItem(line)) counts.listItems += 1;
      reader.line(line);
    } else counts[kind] += 1;
  };
  const codeLine = (line: string): void => {
    const kind = lineKind(line);
    if (kind === 'fence') fenced.open = false;
    else if (kind === 'trace' || kind === 'error' || kind === 'log' || kind === 'diff') counts[kind] += 1;
    else if (kind !== 'blank') counts.code += 1;
  };

  const read = (piece: string): void => {
    let begin = 0;
    while (begin <= piece.length) {
      const next = piece.indexOf('\n', begin);
      const end = next === -1 ? piece.length : next;
      const raw = piece.slice(begin, end);
      if (fenced.open) codeLine(raw.trim());
      else plainLine(raw, raw.trim());
      begin = end + 1;
    }
  };
  if (text.length <= limit) read(text);
  else {
    // People say what they want at the begin or at the end.
    const half = Math.floor(limit / 2);
    read(text.slice(0, half));
    inDiff = false;
    fenced.open = isFenced(text, text.length - half);
    read(text.slice(-half));
  }
  return {
    sentences: reader.sentences,
    paths: notes.paths,
    inlineCode: notes.inlineCode,
    codeBlocks: counts.codeBlocks,
    codeLines: counts.code,
    diffLines: counts.diff,
    traceLines: counts.trace,
    errorLines: counts.error,
    logLines: counts.log,
    listItems: counts.listItems,
    commas: notes.commas,
  };
};

const isListItem = (line: string): boolean => {
  const first = line[0] ?? '';
  if (line[1] === ' ') return '-*•+'.includes(first);
  return first >= '0' && first <= '9' && (line[1] === '.' || line[1] === ')');
};
