import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { disposing } from './disposing.js';
import { maskKey } from './mask.js';
import { Secret } from './secret.js';

const CANARY = 'sk-ant-canary-0123456789';

test('a secret shows itself nowhere', () => {
  const secret = Secret.of(CANARY);
  const error = new Error('failed', { cause: { secret } });
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ list: [secret] }),
    inspect(error),
    inspect(structuredClone(secret)),
    JSON.stringify(structuredClone({ secret })),
    Object.values(secret).join(),
    [...Reflect.ownKeys(secret)].join(),
  ].join('\n');
  expect(shown).not.toContain('canary');
  expect(shown).toContain('[secret]');
  expect(JSON.stringify(structuredClone({ secret }))).toContain('[secret]');
});

test('a secret gives what it was made of until it is disposed of, and its bytes are zeroed then', () => {
  const bytes = new TextEncoder().encode('héllo');
  const secret = new Secret(bytes);
  expect(secret.reveal()).toBe('héllo');
  secret.dispose();
  secret.dispose();
  expect([...bytes]).toEqual(Array.from(bytes, () => 0));
  expect(secret.disposed).toBe(true);
  expect(() => secret.reveal()).toThrow('disposed');
});

test('a scope that ends disposes of a secret', () => {
  const bytes = new TextEncoder().encode('text');
  new Secret(bytes)[Symbol.dispose]();
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test('work with a secret ends with its disposal, also when it fails', async () => {
  const secret = Secret.of('text');
  const failing = disposing(secret, async () => {
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(secret.disposed).toBe(true);
});

test.each([
  ['sk-ant-api03-abcdefghijklmnopQ9A3', 'sk-ant-****Q9A3'],
  ['sk-proj-abcdefghijklmnop1234', 'sk-proj-****1234'],
  ['0123456789abcdef', '****cdef'],
  ['short-key', '****'],
])('%s is shown as %s', (key, mask) => {
  expect(maskKey(key)).toBe(mask);
});

test('a mask never holds more than the last four characters of what follows the prefix', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{0,60}$/), (key) => {
      const mask = maskKey(`sk-ant-${key}`);
      expect(mask.replace(/^sk-ant-/, '').replace('****', '').length).toBeLessThanOrEqual(4);
    }),
  );
});
