import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineKind } from './line-kind.js';
import { readText } from './read-text.js';

const LIMIT = 8_000;
const wordsOf = (text: string): string[] => readText(text, LIMIT).sentences.flatMap(({ words }) => words);

describe('a line', () => {
  test.each([
    ['', 'blank'],
    ['```ts', 'fence'],
    ['diff --git a/x.ts b/x.ts', 'diff'],
    ['@@ -1,4 +1,6 @@', 'diff'],
    ['at main (src/a.ts:3:1)', 'trace'],
    ['File "a.py", line 3, in <module>', 'trace'],
    ["thread 'main' panicked at src/main.rs:8:34", 'trace'],
    ['TypeError: x is not a function', 'error'],
    ["error TS2345: Argument of type 'string'", 'error'],
    ['2025-01-01 10:00:00 INFO started', 'log'],
    ['[10:00:01] GET /orders 200', 'log'],
    ["import { a } from './a.js'", 'code'],
    ['if (a > b) {', 'code'],
    ['SELECT * FROM users WHERE id = 3', 'code'],
    ['Import the file, please.', 'prose'],
    ['From here on it fails (always).', 'prose'],
    ['At noon we had lunch', 'prose'],
    ['2025-01-01, 17.4, 18.2', 'prose'],
    ["Let's play chess.", 'prose'],
    ['请帮我写一个函数。', 'prose'],
  ])('%s is %s', (line, kind) => {
    expect(lineKind(line)).toBe(kind);
  });
});

describe('a text', () => {
  test('is prose without the code in it', () => {
    const reading = readText('Look at this:\n```js\nconst poem = 1;\nwrite(poem);\n```\nThanks!', LIMIT);
    expect(reading).toMatchObject({ codeBlocks: 1, codeLines: 2 });
    expect(reading.sentences.map(({ words }) => words.join(' '))).toEqual(['look at this', 'thanks']);
  });

  test('names files', () => {
    const { paths } = readText(
      'Move src/a.ts, (lib/b.py) and ./c/d/ but not e.g. and/or https://x.io/y.',
      LIMIT,
    );
    expect([...paths]).toEqual(['src/a.ts', 'lib/b.py', 'c/d']);
  });

  test('has questions, also in Chinese', () => {
    const { sentences } = readText('It is late. Is it? 这是什么？', LIMIT);
    expect(sentences.map(({ asks }) => asks)).toEqual([false, true, true]);
  });

  test('means nothing by what it quotes, but for a fault', () => {
    const [said, asked] = readText(
      'It says "write failed, review error". Write it “review” now.',
      LIMIT,
    ).sentences;
    const meant = [said, asked].map((sentence) =>
      sentence?.words.filter((_, index) => sentence.meanings[index]),
    );
    expect(meant).toEqual([
      ['failed', 'error'],
      ['write', 'now'],
    ]);
  });

  test('is read after a block that the middle was cut out of', () => {
    const block = `\`\`\`\n${'let a = write(poem);\n'.repeat(1_000)}\`\`\``;
    expect(wordsOf(`Before.\n${block}\nAfter.`)).toEqual(['before', 'after']);
    expect(wordsOf(`${block}\nBetween.\n${block}\nAfter.`)).toEqual(expect.arrayContaining(['after']));
  });

  test('keeps a block that never ends out of the prose', () => {
    expect(wordsOf('Before.\n```\nwrite a poem')).toEqual(['before']);
  });

  test('of any kind is read without an error, and its lines are counted once', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 2, max: 500 }),
        (text, limit) => {
          const reading = readText(text, limit);
          const lines = text.split('\n').length + 1;
          const { codeBlocks, codeLines, diffLines, traceLines, errorLines, logLines } = reading;
          expect(codeBlocks + codeLines + diffLines + traceLines + errorLines + logLines).toBeLessThanOrEqual(
            lines,
          );
        },
      ),
    );
  });
});
