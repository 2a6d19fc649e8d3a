import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelRequest } from '../model/model-request.js';
import type { ModelInfo } from '../provider/model-info.js';
import { computeCost } from '../provider/price.js';
import { toDollars, toNanoDollars } from './nano-dollars.js';
import { worstCase } from './worst-case.js';

const request = (text: string, changes: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...changes,
});

const rate = fc.double({ min: 0, max: 100, noNaN: true });
const prices = fc.record(
  {
    input: rate,
    output: rate,
    cacheRead: fc.option(rate, { nil: undefined }),
    cacheWrite: fc.option(rate, { nil: undefined }),
    cacheWriteLong: fc.option(rate, { nil: undefined }),
  },
  { requiredKeys: ['input', 'output'] },
);

test('no use of the counted tokens costs more than the worst case', () => {
  fc.assert(
    fc.property(
      prices,
      fc.nat(1_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(100),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (price, output, part, cut, long) => {
        const info: ModelInfo = {
          id: 'm',
          price: { ...price, cacheRead: Math.min(price.cacheRead ?? price.input, price.input) },
        };
        const worst = worstCase(request('Some words of a request.', { maxOutputTokens: 1_000 }), info);
        const total = Math.floor(worst.tokensIn * part);
        const cacheWrite = Math.min(cut, total);
        const cost = computeCost(
          {
            inputTokens: {
              total,
              noCache: undefined,
              cacheRead: total - cacheWrite,
              cacheWrite,
              cacheWriteLong: Math.floor(cacheWrite * long),
            },
            outputTokens: { total: output, text: undefined, reasoning: undefined },
            estimated: false,
          },
          info.price,
        );
        expect(cost.costUsd).toBeLessThanOrEqual((worst.costUsd ?? 0) + 1e-12);
      },
    ),
  );
});

describe('the worst case', () => {
  const info: ModelInfo = {
    id: 'm',
    price: { input: 1, output: 10 },
    contextWindow: 10_000,
    maxOutputTokens: 4_000,
  };

  test('has an answer as long as was asked for, or as the model can', () => {
    expect(worstCase(request('Hi', { maxOutputTokens: 50 }), info).tokensOut).toBe(50);
    expect(worstCase(request('Hi'), info).tokensOut).toBe(4_000);
    expect(worstCase(request('Hi'), { id: 'm' })).toMatchObject({ tokensOut: 8_192, costUsd: null });
  });

  test('has an answer as long as the provider says, where it knows better', () => {
    const short = request('Hi', { maxOutputTokens: 50 });
    expect(worstCase(short, info, { outputLimit: 2_098 }).tokensOut).toBe(2_098);
    expect(worstCase(short, info, { outputLimit: Number.POSITIVE_INFINITY }).tokensOut).toBe(4_000);
  });

  test('has no more input than the model takes', () => {
    expect(worstCase(request('word '.repeat(50_000)), info).tokensIn).toBe(10_000);
  });

  test('counts files and tools', () => {
    const plain = worstCase(request('Hi'), undefined).tokensIn;
    const file = (mediaType: string, bytes: number): ModelRequest =>
      request('Hi', {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              { type: 'file', mediaType, data: { type: 'data', data: new Uint8Array(bytes) } },
            ],
          },
        ],
      });
    expect(worstCase(file('image/png', 10), undefined).tokensIn).toBeGreaterThan(plain + 3_000);
    expect(worstCase(file('application/pdf', 400_000), undefined).tokensIn).toBeGreaterThan(plain + 100_000);
    const tools = [{ type: 'function', name: 'look', inputSchema: { type: 'object' } }] as const;
    expect(worstCase(request('Hi', { tools }), undefined).tokensIn).toBeGreaterThan(plain + 600);
  });

  test('counts the schema of the answer', () => {
    const description = 'What it is about, in some words. '.repeat(400);
    const schema = { type: 'object', properties: { topic: { type: 'string', description } } } as const;
    const asked = request('Hi', { responseFormat: { type: 'json', name: 'topic', schema } });
    expect(worstCase(asked, undefined).tokensIn).toBeGreaterThan(3_000);
  });

  test('counts a file that a tool gave as its kind', () => {
    const data = { type: 'data', data: new Uint8Array(1_000_000) } as const;
    const image = { type: 'file', mediaType: 'image/png', data } as const;
    const output = { type: 'content', value: [image] } as const;
    const content = [{ type: 'tool-result', toolCallId: 'c', toolName: 'look', output }] as const;
    const { tokensIn } = worstCase(request('', { messages: [{ role: 'tool', content }] }), undefined);
    expect(tokensIn).toBeGreaterThan(5_000);
    expect(tokensIn).toBeLessThan(6_000);
  });

  test('of a batch is at its price', () => {
    const full = worstCase(request('Hi'), info).costUsd ?? 0;
    expect(worstCase(request('Hi'), info, { priceFactor: 0.5 }).costUsd).toBeCloseTo(full / 2, 12);
  });
});

describe('amounts', () => {
  test('are rounded up, but not by the dust of binary fractions', () => {
    expect(toNanoDollars(0.0000015)).toBe(1_500);
    expect(toNanoDollars(0.1 + 0.2)).toBe(300_000_000);
    expect(toNanoDollars(1e-10)).toBe(1);
    expect(toNanoDollars(0)).toBe(0);
  });

  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (nano) => {
        expect(Math.abs(toNanoDollars(toDollars(nano)) - nano)).toBeLessThanOrEqual(nano * 1e-12 + 4);
      }),
    );
  });
});
