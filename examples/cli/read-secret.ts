import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Secret } from '@millrace/vault';
import type { Terminal } from './terminal.ts';

/** A key or passphrase is short; more than this is a mistake. */
const LONGEST = 16 * 1024;

/**
 * Read a secret: typed without an echo at a terminal, else one line of the input. Never from the arguments, which
 * other users of the machine can see.
 */
export const readSecret = async (terminal: Terminal, question: string): Promise<Secret> => {
  const text = terminal.input.isTTY ? await prompt(terminal, question) : await readLine(terminal);
  if (text === '') throw new Error(`${question}: nothing was given.`);
  return Secret.of(text);
};

const prompt = async ({ input, notes, signal }: Terminal, question: string): Promise<string> => {
  notes.write(`${question} (it is not shown): `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: true });
  reader.on('SIGINT', () => reader.close());
  try {
    return (await reader.question('', { signal })).trim();
  } finally {
    reader.close();
    notes.write('\n');
  }
};

/** Lines that were read beyond the first wait here for the next question. */
const waiting = new WeakMap<object, string>();

const readLine = async ({ input }: Terminal): Promise<string> => {
  let text = waiting.get(input) ?? '';
  if (!text.includes('\n')) {
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.includes('\n') || text.length > LONGEST) break;
    }
  }
  const end = text.includes('\n') ? text.indexOf('\n') : text.length;
  waiting.set(input, text.slice(end + 1));
  return text.slice(0, end).trim();
};
