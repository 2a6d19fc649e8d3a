import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFeedback } from './parse-feedback.js';

describe('the command', () => {
  test.each([
    ['/feedback good', { rating: 'good' }],
    ['/feedback bad', { rating: 'bad' }],
    ['/feedback 1', { rating: 1 }],
    ['/feedback 5', { rating: 5 }],
    ['  /FeedBack\t GOOD \n', { rating: 'good' }],
    ['/feedback 4 0193A-b2', { rating: 4, taskId: '0193a-b2' }],
    [
      '/feedback bad 0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
      { rating: 'bad', taskId: '0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b' },
    ],
  ])('%j is read', (text, command) => {
    expect(parseFeedback(text)).toEqual(command);
  });

  test.each([
    ['/feedback', 'A rating is missing.'],
    ['/feedback great', '"great" is not a rating.'],
    ['/feedback 0', '"0" is not a rating.'],
    ['/feedback 6', '"6" is not a rating.'],
    ['/feedback 4.5', '"4.5" is not a rating.'],
    ['/feedback good ../x', '"../x" is not a task id.'],
    ['/feedback good a b', 'There is more than a rating and one task id.'],
    [`/feedback ${'x'.repeat(100)}`, `"${'x'.repeat(40)}…" is not a rating.`],
  ])('%j is answered with what is wrong and what to write', (text, begin) => {
    const answer = parseFeedback(text);
    expect(answer).toEqual({ problem: expect.stringContaining('Write "/feedback good"') });
    expect((answer as { problem: string }).problem.startsWith(begin)).toBe(true);
  });
});

test.each([
  '',
  'feedback good',
  'Please /feedback good',
  '/feedbackgood',
  '/feedback good\nand now go on',
  '/feedback is what I want to call my command, how do I parse it?',
  '"/feedback good"',
  `/feedback good ${'x'.repeat(300)}`,
])('%j is an ordinary message', (text) => {
  expect(parseFeedback(text)).toBeUndefined();
});

test('any text gives a rating, a problem or nothing, and never throws', () => {
  const near = fc.array(fc.constantFrom('/feedback', 'good', 'BAD', '3', ' ', '\t', 'x', '\n'), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near.map((parts) => parts.join('')),
      ),
      (text) => {
        const answer = parseFeedback(text);
        if (answer === undefined) return;
        expect('problem' in answer || ['good', 'bad', 1, 2, 3, 4, 5].includes(answer.rating)).toBe(true);
        expect(text.trim().toLowerCase().startsWith('/feedback')).toBe(true);
      },
    ),
  );
});
