/** A block of code between fences. */
export interface FencedCode {
  /** Where the code begins, and where it ends without its last line break. */
  readonly start: number;
  readonly end: number;
  readonly lines: number;
  readonly language: string;
  /** What the code is, for a reader: a file where one is named before it, else its language. */
  readonly name: string;
}

const FENCE = /^\s*(`{3,}|~{3,})([^`]*)$/;
const FILE = /^[`*"']*([\w./@-]{1,60}\.\w{1,8})[`*"':]*$/;

/** The blocks of code in a text, the empty and the unclosed ones left out. */
export const fencedCode = (text: string): FencedCode[] => {
  if (!text.includes('```') && !text.includes('~~~')) return [];
  const blocks: FencedCode[] = [];
  let open: { fence: string; info: string; start: number; lines: number; before: string } | undefined;
  let before = '';
  for (let at = 0; at <= text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end);
    const [, fence = '', info = ''] = FENCE.exec(line) ?? [];
    if (open !== undefined) {
      if (fence.startsWith(open.fence) && info.trim() === '') {
        if (open.lines > 0) blocks.push(block(open, at - 1));
        open = undefined;
      } else open.lines++;
    } else if (fence !== '') open = { fence, info: info.trim(), start: end + 1, lines: 0, before };
    if (line.trim() !== '') before = line.trim();
    at = end + 1;
  }
  return blocks;
};

const block = (
  { info, start, lines, before }: { info: string; start: number; lines: number; before: string },
  end: number,
): FencedCode => {
  const language = /^[\w+#.-]{1,24}/.exec(info)?.[0] ?? '';
  return { start, end, lines, language, name: FILE.exec(before)?.[1] ?? (language || 'code') };
};
