import { createVault, environmentMasterKey, generateMasterKey, memoryVaultStore } from '@millrace/vault';
import sodium from 'libsodium-wrappers';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

const KEY = 'sk-bench-0123456789-0123456789-0123456789-0123456789';
const OPERATIONS = 400;
const CACHED_READS = 200_000;

/** Microseconds for one of many runs of something. */
const timed = async (count: number, work: (index: number) => unknown): Promise<number> => {
  const begun = performance.now();
  for (let index = 0; index < count; index++) await work(index);
  return ((performance.now() - begun) * 1000) / count;
};

const timedNow = (count: number, work: (index: number) => unknown): number => {
  const begun = performance.now();
  for (let index = 0; index < count; index++) work(index);
  return ((performance.now() - begun) * 1000) / count;
};

/** What libsodium itself costs: a sealed box around a data key, and the key under that. */
const rawSealing = () => {
  const { publicKey, privateKey } = sodium.crypto_box_seed_keypair(new Uint8Array(32).fill(7));
  const plain = new TextEncoder().encode(KEY);
  const bound = new TextEncoder().encode('openai/default');
  const seal = () => {
    const dataKey = sodium.randombytes_buf(32);
    const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    return {
      nonce,
      sealed: sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, null, nonce, dataKey),
      box: sodium.crypto_box_seal(dataKey, publicKey),
    };
  };
  const open = ({ nonce, sealed, box }: ReturnType<typeof seal>): Uint8Array =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sealed,
      bound,
      nonce,
      sodium.crypto_box_seal_open(box, publicKey, privateKey),
    );
  return { seal, open };
};

/** A vault's writing and reading over libsodium's own. */
export const measureVault = async (_upstream: string, { rounds, scale }: Effort): Promise<Measurement[]> => {
  await sodium.ready;
  const raw = rawSealing();
  const sealed = raw.seal();
  const masterKey = environmentMasterKey({
    environment: { MILLRACE_MASTER_KEY: await generateMasterKey() },
  });
  const count = Math.max(20, Math.round(OPERATIONS * scale));
  const query = { provider: 'openai', required: true };

  const times = {
    seal: [] as number[],
    rawSeal: [] as number[],
    open: [] as number[],
    rawOpen: [] as number[],
  };
  const cached: number[] = [];
  const cold = await createVault({
    store: memoryVaultStore(),
    masterKey,
    opened: { ttlMs: 0 },
    refreshMs: 3_600_000,
  });
  await cold.save({ provider: 'openai', key: KEY });
  const coldSource = cold.credentials();
  const warm = await createVault({ store: memoryVaultStore(), masterKey, refreshMs: 3_600_000 });
  await warm.save({ provider: 'openai', key: KEY });
  const warmSource = warm.credentials();

  for (let round = 0; round < rounds + 1; round++) {
    // A vault of its own each round: a state that grows is the store's matter, not the sealing's.
    const vault = await createVault({ store: memoryVaultStore(), masterKey });
    const { id } = await vault.save({ provider: 'openai', key: KEY });
    let current = id;
    const seal = await timed(count, async () => {
      current = (await vault.rotate(current, KEY, { graceMs: 0 })).id;
    });
    const rawSeal = timedNow(count, raw.seal);
    const open = timedNow(count, () => coldSource.get(query));
    const rawOpen = timedNow(count, () => raw.open(sealed));
    const read = timedNow(Math.round(CACHED_READS * scale), () => warmSource.get(query));
    await vault.close();
    // The first round warms up.
    if (round === 0) continue;
    times.seal.push(seal);
    times.rawSeal.push(rawSeal);
    times.open.push(open);
    times.rawOpen.push(rawOpen);
    cached.push(read);
  }
  await cold.close();
  await warm.close();

  const compare = (name: string, ours: number[], theirs: number[], value: number): Measurement => ({
    name,
    ratio: median(ours) / median(theirs),
    bar: { kind: 'at-most', value },
    detail: `${median(ours).toFixed(1)} µs against ${median(theirs).toFixed(1)} µs`,
  });
  return [
    compare('vault: seal and store a key / libsodium sealing it', times.seal, times.rawSeal, 1.15),
    compare('vault: a cold read / libsodium opening it', times.open, times.rawOpen, 1.2),
    {
      name: 'vault: a cached read, in units of 2 µs',
      ratio: median(cached) / 2,
      bar: { kind: 'at-most', value: 1 },
      detail: `${median(cached).toFixed(2)} µs`,
    },
  ];
};
