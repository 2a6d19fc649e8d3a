import type { Readable, Writable } from 'node:stream';

/** What a command reads from and writes to. Answers go to `output`, everything about them to `notes`. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean | undefined };
  readonly output: Writable & { readonly isTTY?: boolean | undefined };
  readonly notes: Writable & { readonly isTTY?: boolean | undefined };
  /** Aborted by Ctrl-C, and when the reader of `output` goes away. */
  readonly signal: AbortSignal;
}

/** Write, and wait while the reader is slower than we are. */
export const write = (stream: Writable, text: string, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stream.write(text)) return resolve();
    const done = (): void => {
      stream.off('drain', done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    stream.once('drain', done);
    signal?.addEventListener('abort', done, { once: true });
  });

// Labels come from callers: they must not move the cursor, colour what follows, or turn its direction round.
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const harmless = (text: string): string =>
  text.replace(CONTROL, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Lines of aligned columns; numbers to the right. Control characters are shown as their numbers. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const text = [head, ...rows].map((row) => row.map((cell) => harmless(String(cell))));
  const widths = head.map((_, column) =>
    text.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${text.map(line).join('\n')}\n`;
};
