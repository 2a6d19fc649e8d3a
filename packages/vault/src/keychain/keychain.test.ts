import { describe, expect, test } from 'vitest';
import { newMasterKey, openVault } from '../../test/open-vault.js';
import { createVault } from '../index.js';
import { keychainMasterKey } from './index.js';

// `scripts/test-keychain.sh` starts a session bus with an unlocked keyring and sets this.
const hasKeychain = process.env['MILLRACE_TEST_KEYCHAIN'] === '1';

describe.skipIf(!hasKeychain)('the keychain of the operating system (needs MILLRACE_TEST_KEYCHAIN=1)', () => {
  test('keeps the master key, and the header holds only where', async () => {
    const masterKey = keychainMasterKey({ service: 'millrace-test' });
    const { vault, store } = await openVault({ masterKey });
    const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
    const again = await createVault({ store, masterKey: keychainMasterKey({ service: 'millrace-test' }) });
    expect((await again.reveal(id)).reveal()).toBe('sk-1');
    expect((await store.load()).header?.masterKeys[0]).toMatchObject({
      source: 'keychain',
      note: { service: 'millrace-test', account: expect.stringMatching(/^vault-/) },
    });
  });

  test('a rotation makes a new entry, to and from another source', async () => {
    const keychain = keychainMasterKey({ service: 'millrace-test' });
    const { vault, store } = await openVault({ masterKey: keychain });
    const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
    await vault.rotateMasterKey(await newMasterKey('OTHER'));
    await vault.rotateMasterKey(keychain);
    const again = await createVault({ store, masterKey: keychain });
    expect((await again.reveal(id)).reveal()).toBe('sk-1');
  });

  test('an entry that was taken out of the keychain is named', async () => {
    const { store } = await openVault({ masterKey: keychainMasterKey({ service: 'millrace-test' }) });
    await store.update((state) => {
      const [entry] = state.header?.masterKeys ?? [];
      if (state.header === undefined || entry === undefined) return state;
      const note = { service: 'millrace-test', account: 'gone' };
      return { ...state, header: { ...state.header, masterKeys: [{ ...entry, note }] } };
    });
    await expect(
      createVault({ store, masterKey: keychainMasterKey({ service: 'millrace-test' }) }),
    ).rejects.toMatchObject({ code: 'MASTER_KEY', message: expect.stringContaining('millrace-test/gone') });
  });
});
