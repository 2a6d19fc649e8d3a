import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createGateway, createLogger, createRegistry, type Gateway, type Registry } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { openai } from '@millrace/providers/openai';
import { createCredentialsHandler } from '@millrace/server-adapter/credentials';
import { serve } from '@millrace/server-adapter/node';
import { createVault, Secret, type Vault } from '@millrace/vault';
import { fileAuditTrail, fileMasterKey, fileVaultStore } from '@millrace/vault/file';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const OLD = 'sk-canary-old-0123456789';
const NEW = 'sk-canary-new-9876543210';

/** A vendor that knows which keys are valid and which accounts are used up. */
const valid = new Set<string>();
const exhausted = new Set<string>();
const seen: string[] = [];
let upstream: Server;
let folder: string;
let registry: Registry;
let gateway: Gateway;
let vault: Vault;
const logs: string[] = [];

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  model: 'gpt-4o-mini',
  created: 1_790_000_000,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const refusal = (key: string, code: string): string =>
  JSON.stringify({ error: { message: `Incorrect API key provided: ${key}.`, code, type: code } });

beforeEach(async () => {
  for (const set of [valid, exhausted]) set.clear();
  seen.length = logs.length = 0;
  upstream = createServer((request, response) => {
    const key = request.headers.authorization?.replace('Bearer ', '') ?? '';
    seen.push(key);
    const status = exhausted.has(key) ? 429 : valid.has(key) ? 200 : 401;
    const refused = refusal(key, status === 429 ? 'insufficient_quota' : 'invalid_api_key');
    const body = request.url?.endsWith('/models') ? '{"data":[{"id":"gpt-4o-mini"}]}' : answer;
    request.resume();
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? body : refused);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'millrace-vault-gateway-'));
  vault = await createVault({
    store: fileVaultStore({ path: join(folder, 'vault.json') }),
    masterKey: fileMasterKey({ path: join(folder, 'keys', 'master.key') }),
    audit: fileAuditTrail({ path: join(folder, 'audit.jsonl') }),
    verifier: (provider, credential, signal) => registry.verify(provider, signal, credential),
  });
  const { port } = upstream.address() as AddressInfo;
  registry = createRegistry({
    providers: [openai({ baseUrl: `http://127.0.0.1:${port}/v1` })],
    credentials: vault.credentials({ project: 'shop', environment: 'prod' }),
  });
  gateway = createGateway({
    registry,
    ledger: sqliteLedger({ path: join(folder, 'ledger.db') }),
    logger: createLogger({ level: 'debug', write: (line: string) => void logs.push(line) }),
  });
});
afterEach(async () => {
  await gateway.close();
  await gateway.ledger.close();
  await vault.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const ask = () => gateway.chat({ model: 'openai:gpt-4o-mini', prompt: 'Well?' });

describe('a gateway over a vault', () => {
  test('save, verify, disable and enable decide whether it answers', async () => {
    await expect(ask()).rejects.toMatchObject({ code: 'MISSING_KEY' });
    expect(seen).toEqual([]);
    valid.add(OLD);
    const { id } = await vault.save({ provider: 'openai', project: 'shop', environment: 'prod', key: OLD });
    expect((await vault.verify(id)).entry.status).toBe('verified');
    expect((await ask()).text).toBe('Yes.');
    await vault.disable(id);
    await expect(ask()).rejects.toMatchObject({
      code: 'MISSING_KEY',
      message: expect.stringContaining('switched off'),
    });
    await vault.enable(id);
    expect((await ask()).text).toBe('Yes.');
    expect(new Set(seen)).toEqual(new Set([OLD]));
  });

  test('a revoked key shows as invalid and blocks with guidance, without asking the vendor again', async () => {
    const { id } = await vault.save({ provider: 'openai', key: OLD });
    await expect(ask()).rejects.toMatchObject({ code: 'AUTHENTICATION' });
    expect(await vault.get(id)).toMatchObject({ status: 'invalid' });
    const asked = seen.length;
    await expect(ask()).rejects.toMatchObject({
      code: 'AUTHENTICATION',
      message: expect.stringMatching(/openai\/default was refused.*Rotate it/),
    });
    expect(seen).toHaveLength(asked);
    valid.add(NEW);
    await vault.rotate(id, NEW, { graceMs: 0 });
    expect((await ask()).text).toBe('Yes.');
  });

  test('a key that is refused or used up hands over to the next one within the call', async () => {
    valid.add(NEW);
    exhausted.add('sk-canary-spent-1234567890');
    await vault.save({ provider: 'openai', label: 'revoked', priority: 3, key: OLD });
    await vault.save({ provider: 'openai', label: 'spent', priority: 2, key: 'sk-canary-spent-1234567890' });
    await vault.save({ provider: 'openai', label: 'good', priority: 1, key: NEW });
    expect((await ask()).text).toBe('Yes.');
    expect(seen).toEqual([OLD, 'sk-canary-spent-1234567890', NEW]);
    expect((await ask()).text).toBe('Yes.');
    expect(seen.at(-1)).toBe(NEW);
    expect(seen).toHaveLength(4);
    const { rows } = await gateway.ledger.list();
    expect(rows.map(({ status }) => status)).toEqual(['success', 'success']);
  });

  test('while 100 calls a second run, a rotation fails none of them, and the old key is gone after its grace', {
    timeout: 30_000,
  }, async () => {
    valid.add(OLD);
    const { id } = await vault.save({ provider: 'openai', key: OLD });
    const calls: Promise<string>[] = [];
    const begin = performance.now();
    let rotated = false;
    for (let count = 0; count < 300; count++) {
      const due = begin + count * 10;
      if (performance.now() < due) await sleep(due - performance.now());
      calls.push(ask().then(({ text }) => text));
      if (!rotated && count === 100) {
        rotated = true;
        valid.add(NEW);
        await vault.rotate(id, NEW, { graceMs: 1_000 });
      }
      // The vendor lets the old key go only after the grace period.
      if (count === 250) valid.delete(OLD);
    }
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['Yes.']));
    expect(seen.lastIndexOf(OLD)).toBeLessThan(150);
    expect(seen.at(-1)).toBe(NEW);
    await vi.waitFor(async () => expect(await vault.list()).toHaveLength(1), 5_000);
    await expect(vault.get(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a key is found nowhere but where it is used', async () => {
    valid.add(NEW);
    const shown: unknown[] = [];
    gateway.on('call-end', (event) => void shown.push(event));
    const handler = createCredentialsHandler({ vault, registry, authorize: () => ({ actor: 'ann' }) });
    const server = await serve({ handler, port: 0 });
    const post = async (path: string, body: object): Promise<void> => {
      const response = await fetch(`${server.url}/api/providers/openai/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      shown.push(await response.text(), [...response.headers]);
    };
    await post('credentials', { key: OLD, priority: 9 });
    await post('credentials', { key: `${OLD} x`, label: 'bad' });
    await post('credentials', { key: NEW, label: 'second' });
    await post('verify', { label: 'default' });
    await ask();
    shown.push(await (await fetch(`${server.url}/api/providers`)).text());
    await vault.reveal('none').catch((error: unknown) => shown.push(error));
    const [entry] = await vault.list({ label: 'default' });
    const secret = await vault.reveal(entry?.id ?? '');
    shown.push(secret, vault, registry, gateway, await vault.list(), await vault.auditEntries());
    await ask().catch((error: unknown) => shown.push(error));
    valid.clear();
    await ask().catch((error: unknown) => shown.push(error));
    await ask().catch((error: unknown) => shown.push(error));
    const exported = await vault.exportKeys(Secret.of('a passphrase'), {
      strength: { passes: 1, memory: 8192 },
    });
    await gateway.ledger.flush();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    expect(files.length).toBeGreaterThanOrEqual(5);
    const everything = [
      ...files,
      ...logs,
      ...shown.map((value) => inspect(value, { depth: 12, showHidden: true })),
      ...shown.map((value) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : '')),
      exported,
      inspect(process.argv),
      inspect(process.env),
    ].join('\n');
    expect(logs.length).toBeGreaterThan(0);
    expect(everything).not.toContain('canary');
    expect(everything).toContain('sk-****6789');
    await server.close();
  });
});
