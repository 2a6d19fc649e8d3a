import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODE, results } from '../../test/tool-results.js';
import type { Message } from '../model/message.js';
import { compress, trim, worthBreakingPrefix } from './index.js';

/** As most vendors have it: a tenth for a read, a quarter more for a write. */
const price = { input: 3, cacheRead: 0.3, cacheWrite: 3.75 };

test('a small saving in a large cached prefix is not worth it', () => {
  expect(worthBreakingPrefix({ price, prefixTokens: 50_000, tokensSaved: 2_000 })).toEqual({
    worth: false,
    costToKeep: 50_000 * 0.3 * 5,
    costToBreak: 48_000 * (3.75 + 0.3 * 4),
  });
});

test('a large saving is, and the more so the more calls follow', () => {
  const saving = { price, prefixTokens: 50_000, tokensSaved: 40_000 };
  expect(worthBreakingPrefix({ ...saving, callsToCome: 0 }).worth).toBe(false);
  expect(worthBreakingPrefix({ ...saving, callsToCome: 4 }).worth).toBe(true);
});

test('without a cache, or where nothing is cached, every saving is worth it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.nat(100_000),
      fc.nat(50),
      (saved, cached, callsToCome) => {
        const tokensSaved = Math.min(saved, cached || saved);
        expect(
          worthBreakingPrefix({ price: { input: 3 }, prefixTokens: cached, tokensSaved, callsToCome }).worth,
        ).toBe(true);
        expect(worthBreakingPrefix({ price, prefixTokens: 0, tokensSaved: saved, callsToCome }).worth).toBe(
          true,
        );
      },
    ),
  );
});

test('saving nothing is never worth breaking a cache', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(50), (prefixTokens, callsToCome) => {
      expect(worthBreakingPrefix({ price, prefixTokens, tokensSaved: 0, callsToCome }).worth).toBe(false);
    }),
  );
});

const say = (role: 'user' | 'assistant', text: string): Message => ({
  role,
  content: [{ type: 'text', text }],
});

test('an older user message changes only where losing what the vendor has of it costs less than that saves', () => {
  const view = CODE.join('\n');
  const talk = [say('user', view), say('assistant', 'Yes.'), say('user', `${view}  `)];
  const grown = [...talk, say('assistant', 'Yes.'), say('user', 'And now?')];
  const sent = (
    with_: typeof price | { input: number; cacheRead?: number } | undefined,
  ): readonly Message[] => compress(grown, { preset: 'lossless', price: with_ }).messages;
  expect(sent(price).slice(0, 3)).toEqual(talk);
  for (const cheap of [undefined, { input: 3 }, { input: 3, cacheRead: 1.5 }, { input: 0, cacheRead: 0 }])
    expect(JSON.stringify(sent(cheap)[2])).toContain('[ref:block:');
});

test('trim waits for a cut that costs less than it saves, and makes no cut undone', () => {
  const all = results(
    ...Array.from({ length: 120 }, (_, turn) => CODE.map((line) => `${line} # ${turn}`).join('\n')),
  );
  const cuts = (with_: typeof price | undefined): number[] => {
    const at: number[] = [];
    let before: readonly Message[] = [];
    for (let length = 1; length <= all.length; length += 2) {
      const stages = [trim({ overTokens: 2_000 })];
      const { messages } = compress(all.slice(0, length), { stages, price: with_ });
      const first = messages.slice(0, before.length);
      if (JSON.stringify(first) !== JSON.stringify(before)) {
        expect(JSON.stringify(messages).length).toBeLessThan(JSON.stringify(before).length);
        at.push(length);
      }
      before = messages;
    }
    return at;
  };
  const often = cuts(undefined);
  const seldom = cuts(price);
  expect(seldom.length).toBeGreaterThan(1);
  expect(seldom.length).toBeLessThan(often.length);
});
