import { describe, expect, test } from 'vitest';
import { EMPTY_STATE, type VaultRecord, type VaultState } from '../src/store/vault-state.js';
import type { VaultStore } from '../src/store/vault-store.js';

/** A header as a new vault has one. */
export const sampleHeader = (id = 'k1'): NonNullable<VaultState['header']> => ({
  format: 1,
  masterKeys: [{ id, publicKey: 'mrv1.AAAA', source: 'environment', createdAt: 1, state: 'current' }],
});

/** A record that no vault can open. */
export const sampleRecord = (id: string, fields: Partial<VaultRecord> = {}): VaultRecord => ({
  id,
  provider: 'openai',
  project: '',
  environment: 'prod',
  label: id,
  masterKeyId: 'k1',
  dataKey: 'ZGF0YQ==',
  nonce: 'bm9uY2U=',
  sealedKey: 'c2VhbGVk',
  mask: '****',
  priority: 0,
  active: true,
  status: 'unverified',
  createdAt: 10,
  updatedAt: 10,
  lastVerifiedAt: null,
  retiresAt: null,
  ...fields,
});

/**
 * The suite that every driver runs.
 *
 * @param open - Opens a store over the same data each time that it is called within a test.
 */
export const describeVaultStore = (
  name: string,
  open: () => Promise<{ store: VaultStore; again: () => Promise<VaultStore> }>,
): void => {
  describe(`a vault store: ${name}`, () => {
    test('is empty before the first change', async () => {
      const { store } = await open();
      expect(await store.load()).toEqual(EMPTY_STATE);
    });

    test('gives back what was put, also to another store over the same data', async () => {
      const { store, again } = await open();
      const state = { header: sampleHeader(), records: [sampleRecord('a'), sampleRecord('b')] };
      expect(await store.update(() => state)).toEqual(state);
      expect(await store.load()).toEqual(state);
      const other = await again();
      expect(await other.load()).toEqual(state);
      await other.close();
    });

    test('changes and removes records', async () => {
      const { store } = await open();
      const records = [sampleRecord('a'), sampleRecord('b'), sampleRecord('c')];
      await store.update(() => ({ header: sampleHeader(), records }));
      await store.update((state) => ({
        ...state,
        records: state.records
          .filter(({ id }) => id !== 'b')
          .map((record) => (record.id === 'c' ? { ...record, active: false, lastVerifiedAt: 99 } : record)),
      }));
      expect((await store.load()).records).toEqual([
        sampleRecord('a'),
        sampleRecord('c', { active: false, lastVerifiedAt: 99 }),
      ]);
    });

    test('keeps every one of many changes made at once', async () => {
      const { store } = await open();
      await store.update(() => ({ header: sampleHeader(), records: [] }));
      const ids = Array.from({ length: 20 }, (_, index) => `r${String(index).padStart(2, '0')}`);
      await Promise.all(
        ids.map((id) =>
          store.update((state) => ({ ...state, records: [...state.records, sampleRecord(id)] })),
        ),
      );
      expect((await store.load()).records.map(({ id }) => id).sort()).toEqual(ids);
    });

    test('a change that throws changes nothing and does not stop the next one', async () => {
      const { store } = await open();
      await store.update(() => ({ header: sampleHeader(), records: [sampleRecord('a')] }));
      const failed = store.update(() => {
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect((await store.load()).records).toEqual([sampleRecord('a')]);
      await store.update((state) => ({ ...state, records: [] }));
      expect((await store.load()).records).toEqual([]);
    });

    test('a state that was handed out does not change the stored one', async () => {
      const { store } = await open();
      const records = [sampleRecord('a')];
      await store.update(() => ({ header: sampleHeader(), records }));
      records.push(sampleRecord('b'));
      expect((await store.load()).records).toHaveLength(1);
    });
  });
};
