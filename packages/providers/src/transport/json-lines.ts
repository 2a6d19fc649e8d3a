import type { Answer } from './exchange.js';

/** The lines of a body of one JSON text a line, all those of one network read at a time. */
export async function* readJsonLines({ body }: Pick<Answer, 'body'>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const bytes of body) {
    const lines = (begun + decoder.decode(bytes, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    const whole = lines.filter((line) => line.trim() !== '');
    if (whole.length > 0) yield whole;
  }
  begun += decoder.decode();
  if (begun.trim() !== '') yield [begun];
}
