import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyIdentity } from './identity.js';
import { type KeyPair, keyPairOf, parsePublicKey, publicKeyText } from './key-pair.js';
import { openKey, resealDataKey, type SealedKey, sealKey } from './seal-record.js';
import { loadSodium, type SodiumApi } from './sodium.js';

let sodium: SodiumApi;
let master: KeyPair;
beforeAll(async () => {
  sodium = await loadSodium();
  master = keyPairOf(sodium, new Uint8Array(32).fill(7));
});

const identity: KeyIdentity = { provider: 'openai', project: 'shop', environment: 'prod', label: 'main' };
const place = { id: 'id-1', identity };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (opened: Uint8Array): string => new TextDecoder().decode(opened);

describe('sealing', () => {
  test('any key comes back as it was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.string({ minLength: 1 }), (key, id) => {
        const sealed = sealKey(sodium, master, { id, identity }, key);
        expect(openKey(sodium, master, { id, identity }, sealed)).toEqual(key);
      }),
    );
  });

  test('the public half alone seals', () => {
    const writer = parsePublicKey(sodium, publicKeyText(sodium, master.publicKey));
    const sealed = sealKey(sodium, writer, place, bytes('sk-1'));
    expect(text(openKey(sodium, master, place, sealed))).toBe('sk-1');
    expect(sealed.masterKeyId).toBe(master.id);
  });

  test('no two sealings of the same key share a nonce or a data key', () => {
    const sealings = Array.from({ length: 200 }, () => sealKey(sodium, master, place, bytes('sk-1')));
    for (const field of ['nonce', 'dataKey', 'sealedKey'] as const)
      expect(new Set(sealings.map((sealed) => sealed[field])).size).toBe(200);
  });

  test.each<[string, Partial<KeyIdentity> & { id?: string }]>([
    ['another row', { id: 'id-2' }],
    ['another provider', { provider: 'groq' }],
    ['another project', { project: '' }],
    ['another environment', { environment: 'dev' }],
    ['another label', { label: 'other' }],
  ])('a ciphertext that is moved to %s is refused as moved', (_, { id = 'id-1', ...other }) => {
    const sealed = sealKey(sodium, master, place, bytes('sk-1'));
    const moved = { id, identity: { ...identity, ...other } };
    expect(() => openKey(sodium, master, moved, sealed)).toThrow(
      expect.objectContaining({ code: 'TAMPERED', message: expect.stringContaining('another record') }),
    );
  });

  test('identities that read alike when put together are different', () => {
    const sealed = sealKey(sodium, master, place, bytes('sk-1'));
    const alike = { id: 'id-1', identity: { ...identity, project: 'shopprod', environment: '' } };
    expect(() => openKey(sodium, master, alike, sealed)).toThrow(
      expect.objectContaining({ code: 'TAMPERED' }),
    );
  });

  test('a change of any one bit is refused as damage', () => {
    const sealed = sealKey(sodium, master, place, bytes('sk-secret-canary'));
    const variant = sodium.base64_variants.ORIGINAL;
    fc.assert(
      fc.property(
        fc.constantFrom('dataKey', 'nonce', 'sealedKey'),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (field: keyof SealedKey, at, bit) => {
          const raw = sodium.from_base64(sealed[field], variant);
          const index = at % raw.length;
          raw[index] = (raw[index] ?? 0) ^ (1 << bit);
          const changed = { ...sealed, [field]: sodium.to_base64(raw, variant) };
          expect(() => openKey(sodium, master, place, changed)).toThrow(
            expect.objectContaining({
              code: 'TAMPERED',
              message: expect.not.stringContaining('canary'),
            }),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('another master key opens nothing', () => {
    const other = keyPairOf(sodium, new Uint8Array(32).fill(8));
    const sealed = sealKey(sodium, master, place, bytes('sk-1'));
    expect(() => openKey(sodium, other, place, sealed)).toThrow(
      expect.objectContaining({ code: 'TAMPERED' }),
    );
  });

  test('resealed to another master key it opens with that one only', () => {
    const next = keyPairOf(sodium, new Uint8Array(32).fill(9));
    const sealed = sealKey(sodium, master, place, bytes('sk-1'));
    const resealed = resealDataKey(sodium, master, next, identity, sealed);
    expect(text(openKey(sodium, next, place, resealed))).toBe('sk-1');
    expect(resealed.sealedKey).toBe(sealed.sealedKey);
    expect(() => openKey(sodium, master, place, resealed)).toThrow();
  });

  test.each(['', 'mrv1.', 'mrv1.!!!', 'mrv1.AAAA', 'AAAA'])('%j is no public key', (wrong) => {
    expect(() => parsePublicKey(sodium, wrong)).toThrow(expect.objectContaining({ code: 'MASTER_KEY' }));
  });
});
