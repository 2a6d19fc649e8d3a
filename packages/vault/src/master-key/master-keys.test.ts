import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openVault, WEAK } from '../../test/open-vault.js';
import { fileMasterKey } from '../file/index.js';
import {
  createVault,
  environmentMasterKey,
  generateMasterKey,
  kmsMasterKey,
  type MasterKeySource,
  passphraseMasterKey,
  Secret,
} from '../index.js';
import { keychainMasterKey } from '../keychain/index.js';
import { loadSodium } from '../sealing/sodium.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-master-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `${++files}`, 'master.key');
const passphrase = (text: string): MasterKeySource =>
  passphraseMasterKey({ passphrase: () => Secret.of(text), strength: WEAK });

/** A key service in this process that works like a remote one: it wraps by a key that it never gives out. */
const keyService = (fails = false) => {
  const pad = crypto.getRandomValues(new Uint8Array(32));
  const mix = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (fails) throw new Error('AccessDenied for arn:secret');
    return bytes.map((byte, index) => byte ^ (pad[index] ?? 0));
  };
  return { name: 'test-kms', wrap: mix, unwrap: mix };
};

describe('where the master key is', () => {
  test.each<[string, () => Promise<MasterKeySource>]>([
    [
      'environment',
      async () => environmentMasterKey({ environment: { MILLRACE_MASTER_KEY: await generateMasterKey() } }),
    ],
    ['file', async () => fileMasterKey({ path: newPath() })],
    ['passphrase', async () => passphrase('a long passphrase')],
    ['kms:test-kms', async () => kmsMasterKey(keyService())],
  ])('%s: a vault opens again with it, and its header holds no secret', async (name, make) => {
    const masterKey = await make();
    expect(masterKey.name).toBe(name);
    const { vault, store } = await openVault({ masterKey });
    const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
    const again = await createVault({ store, masterKey });
    expect((await again.reveal(id)).reveal()).toBe('sk-1');
    const { seed } = name.startsWith('kms')
      ? { seed: new Uint8Array() }
      : { seed: await masterKey.open((await store.load()).header?.masterKeys[0]?.note) };
    const header = JSON.stringify((await store.load()).header);
    if (seed.length > 0) expect(header).not.toContain(Buffer.from(seed).toString('base64'));
  });

  test('environment: a missing or malformed key is said, and not shown', async () => {
    for (const [environment, message] of [
      [{}, /no master key in the environment variable MASTER/],
      [{ MASTER: 'canary' }, /holds no master key/],
      [{ MASTER: 'AAAA' }, /32 bytes/],
    ] as const) {
      const opening = openVault({ masterKey: environmentMasterKey({ variable: 'MASTER', environment }) });
      await expect(opening).rejects.toMatchObject({
        code: 'MASTER_KEY',
        message: expect.stringMatching(message),
      });
      await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('canary') });
    }
  });

  test('file: it is made for the owner only, kept when it is there, and refused when others may read it', async () => {
    const path = newPath();
    await openVault({ masterKey: fileMasterKey({ path }) });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    const { store } = await openVault({ masterKey: fileMasterKey({ path }) });
    expect(readFileSync(path, 'utf8')).toBe(text);
    chmodSync(path, 0o644);
    await expect(createVault({ store, masterKey: fileMasterKey({ path }) })).rejects.toMatchObject({
      code: 'MASTER_KEY',
      message: expect.stringContaining('chmod 600'),
    });
    rmSync(path);
    await expect(createVault({ store, masterKey: fileMasterKey({ path }) })).rejects.toMatchObject({
      code: 'MASTER_KEY',
    });
    writeFileSync(path, 'nonsense', { mode: 0o600 });
    await expect(createVault({ store, masterKey: fileMasterKey({ path }) })).rejects.toMatchObject({
      message: expect.stringContaining('holds no master key'),
    });
  });

  test('file: it is not there before its content is, so that a crash leaves no empty key', async () => {
    const path = newPath();
    const sodium = await loadSodium();
    const draw = sodium.randombytes_buf;
    const wasThere: boolean[] = [];
    const spy = vi.spyOn(sodium, 'randombytes_buf').mockImplementation(((length: number) => {
      wasThere.push(existsSync(path));
      return draw(length);
    }) as typeof draw);
    await fileMasterKey({ path }).create();
    spy.mockRestore();
    expect(wasThere).toEqual([false]);
  });

  test('file: all who make it at the same moment get the same key', async () => {
    const path = newPath();
    const made = await Promise.all(Array.from({ length: 8 }, () => fileMasterKey({ path }).create()));
    expect(new Set(made.map(({ seed }) => Buffer.from(seed).toString('base64'))).size).toBe(1);
  });

  test('file: one that is there is used also where nothing can be written', async () => {
    const path = newPath();
    await fileMasterKey({ path }).create();
    const before = readdirSync(dirname(path));
    await fileMasterKey({ path }).create();
    rmSync(`${path}.lock`, { force: true });
    await fileMasterKey({ path }).create();
    expect(readdirSync(dirname(path))).toEqual(before.filter((name) => !name.endsWith('.lock')));
  });

  test('passphrase: a wrong one is told from a wrong kind of source, a short one is refused', async () => {
    const { store } = await openVault({ masterKey: passphrase('a long passphrase') });
    await expect(createVault({ store, masterKey: passphrase('another passphrase') })).rejects.toMatchObject({
      code: 'WRONG_PASSPHRASE',
    });
    await expect(createVault({ store, masterKey: kmsMasterKey(keyService()) })).rejects.toMatchObject({
      code: 'MASTER_KEY',
      message: expect.stringContaining('"passphrase"'),
    });
    await expect(openVault({ masterKey: passphrase('short') })).rejects.toMatchObject({ code: 'MASTER_KEY' });
    expect((await store.load()).header?.masterKeys[0]?.note).toMatchObject({
      algorithm: 'argon2id13',
      passes: 1,
      memory: 8192,
    });
  });

  test('kms: a service that refuses is named', async () => {
    await expect(openVault({ masterKey: kmsMasterKey(keyService(true)) })).rejects.toMatchObject({
      code: 'MASTER_KEY',
      message: expect.stringMatching(/"test-kms" did not wrap/),
    });
  });

  test('a vault moves from a passphrase to a key service', async () => {
    const { vault, store } = await openVault({ masterKey: passphrase('a long passphrase') });
    const { id } = await vault.save({ provider: 'openai', key: 'sk-1' });
    const kms = kmsMasterKey(keyService());
    await vault.rotateMasterKey(kms);
    const again = await createVault({ store, masterKey: kms });
    expect((await again.reveal(id)).reveal()).toBe('sk-1');
  });

  // A machine with a session bus is for `keychain.test.ts`.
  test.skipIf(process.env['DBUS_SESSION_BUS_ADDRESS'] !== undefined || process.platform !== 'linux')(
    'keychain: without a session bus the error says what to use instead',
    async () => {
      await expect(openVault({ masterKey: keychainMasterKey() })).rejects.toMatchObject({
        code: 'MASTER_KEY',
        message: expect.stringMatching(/D-Bus.*passphrase/),
      });
    },
  );
});
