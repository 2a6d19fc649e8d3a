import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonSyntaxProblem } from './json-syntax.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

// Pieces that make nearly-JSON likely.
const scraps = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'true',
      'nul',
      ' ',
      '\n',
      '\\',
      "'",
    ),
  )
  .map((pieces) => pieces.join(''));

describe('the JSON check', () => {
  test('agrees with JSON.parse on every text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), scraps, fc.string({ unit: 'binary' })), (text) => {
        expect(findJsonSyntaxProblem(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('agrees with JSON.parse on JSON that lost or gained a character', () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '0', ' '))
      .map(([text, at, insert]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + insert + text.slice(insert === '' ? place + 1 : place);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        expect(findJsonSyntaxProblem(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('names a place within the text', () => {
    fc.assert(
      fc.property(scraps, (text) => {
        const problem = findJsonSyntaxProblem(text);
        if (problem !== undefined) expect(problem.offset).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
