import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CircuitChange, changeCircuits, parseCircuits } from './circuit-document.js';

const DAY = 86_400_000;

const change = fc.oneof(
  fc.record({
    type: fc.constant('open' as const),
    key: fc.constantFrom('a', 'b', '__proto__'),
    circuit: fc.record({
      level: fc.integer({ min: 1, max: 5 }),
      openedAt: fc.integer({ min: 0, max: 100 }),
      until: fc.integer({ min: 0, max: 200 }),
      code: fc.constant('SERVER_ERROR' as const),
    }),
  }),
  fc.record({
    type: fc.constant('close' as const),
    key: fc.constantFrom('a', 'b', '__proto__'),
    at: fc.integer({ min: 0, max: 100 }),
  }),
);

test('changes that are written again, because an answer was lost, make no difference', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), change, (before, next) => {
      const known = changeCircuits({}, before, 0);
      const once = changeCircuits(known, [next], 0);
      expect(changeCircuits(once, [next], 0)).toBe(once);
    }),
  );
});

test('processes that open the same in another order come to the same', () => {
  const opening = change.filter(({ type }) => type === 'open');
  fc.assert(
    fc.property(fc.array(opening, { maxLength: 8 }), (changes) => {
      const standing = (document: ReturnType<typeof changeCircuits>) =>
        Object.entries(document)
          .map(([key, { level, until }]) => [key, level, until])
          .sort();
      expect(standing(changeCircuits({}, changes, 0))).toEqual(
        standing(changeCircuits({}, changes.toReversed(), 0)),
      );
    }),
  );
});

test('what was opened later than the success stays', () => {
  const circuit = { level: 1, openedAt: 50, until: 80, code: 'SERVER_ERROR' } as const;
  const known = { a: circuit };
  expect(changeCircuits(known, [{ type: 'close', key: 'a', at: 49 }], 0)).toBe(known);
  expect(changeCircuits(known, [{ type: 'close', key: 'a', at: 50 }], 0)).toEqual({});
});

test('what nobody tried for a day, and the least of what is too much, is forgotten', () => {
  const open = (key: string, until: number): CircuitChange => ({
    type: 'open',
    key,
    circuit: { level: 1, openedAt: 0, until, code: 'NOT_FOUND' },
  });
  expect(Object.keys(changeCircuits({}, [open('old', 1), open('new', 2 + DAY)], 2 + DAY))).toEqual(['new']);
  const many = Array.from({ length: 1_500 }, (_, index) => open(`m${index}`, index));
  const kept = changeCircuits({}, many, 0);
  expect(Object.keys(kept)).toHaveLength(1_000);
  expect(kept['m1499']).toBeDefined();
  expect(kept['m499']).toBeUndefined();
});

test.each([
  undefined,
  null,
  7,
  'text',
  [1],
  { a: 1 },
  { a: { level: 1, openedAt: 1, until: null, code: 'X' } },
])('%j reads as nothing', (json) => {
  expect(parseCircuits(json)).toEqual({});
});
