// Changes a vault without end and says what is done, until it is killed.
import { join } from 'node:path';
import { MillraceError } from '@millrace/core';
import { createVault } from '@millrace/vault';
import { fileAuditTrail, fileMasterKey, fileVaultStore } from '@millrace/vault/file';

const [folder = '', seed = '0'] = process.argv.slice(2);
const store = fileVaultStore({ path: join(folder, 'vault.json') });
const masterKeys = ['a', 'b'].map((name) => fileMasterKey({ path: join(folder, `${name}.key`) }));
const [first, second] = masterKeys;
if (first === undefined || second === undefined) throw new Error('There are two master keys.');

const vault = await createVault({
  store,
  masterKey: first,
  previousMasterKeys: [second],
  audit: fileAuditTrail({ path: join(folder, 'audit.jsonl') }),
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The master key that is not in use; that of a rotation which broke off goes first. */
const nextMasterKey = async (): Promise<typeof first> => {
  const { header } = await store.load();
  const isFirst = header?.masterKeys[0]?.note?.['path'] === join(folder, 'a.key');
  const underWay = (header?.masterKeys.length ?? 0) > 1;
  return isFirst === underWay ? first : second;
};

say('ready');
for (let round = 0; ; round++) {
  const label = `key-${seed}-${round}`;
  say(`saving ${label} sk-${label}-1`);
  const { id } = await vault.save({ provider: 'openai', label, key: `sk-${label}-1` });
  say(`saved ${label} sk-${label}-1`);
  say(`saving ${label} sk-${label}-2`);
  await vault.rotate(id, `sk-${label}-2`, { graceMs: 0 });
  say(`saved ${label} sk-${label}-2`);
  if (round % 3 !== 2) continue;
  // Another process may be at it.
  await vault.rotateMasterKey(await nextMasterKey()).catch((error: unknown) => {
    if (!MillraceError.isInstance(error) || error.code !== 'CONFLICT') throw error;
  });
}
