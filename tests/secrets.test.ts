import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  createGateway,
  createLogger,
  createRegistry,
  environmentCredentials,
  type Gateway,
  MillraceError,
} from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import type { Provider } from '@millrace/core/provider';
import { openai } from '@millrace/providers/openai';
import { openaiCompatible } from '@millrace/providers/openai-compatible';
import { createHandler } from '@millrace/server-adapter';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startChild } from './support/child.ts';
import { HOSTILE_MODELS, type HostileUpstream, startHostileUpstream } from './support/hostile-upstream.ts';
import { type ScratchFolder, scratchFolder } from './support/scratch-folder.ts';

// Starting a process takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** Of no shape that a redactor could know: it must be hidden because it is the key. */
const CORE = 'Zq81kQ0pLmN47vBc92TyHn55';
const CANARY = `canary+${CORE}/x=`;

let upstream: HostileUpstream;
let folder: ScratchFolder;
beforeEach(async () => {
  upstream = await startHostileUpstream();
  folder = scratchFolder();
});
afterEach(async () => {
  await upstream[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Also a part of it, and also where it is escaped or encoded: the middle stays the same. */
const expectNoSecret = (where: string, text: string): void => {
  const at = text.indexOf(CORE);
  expect(at < 0 ? '' : `${where}: …${text.slice(Math.max(0, at - 80), at + 40)}…`).toBe('');
};

const deeply = (value: unknown): string => inspect(value, { depth: 12, showHidden: true, getters: true });

/** An error in every form in which somebody may write it down. */
const formsOf = (error: unknown): string => {
  const { message, stack } = error as Error;
  return [message, stack, String(error), JSON.stringify(error), deeply(error)].join('\n');
};

const ledgerBytes = (): string =>
  readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n');

/** Where the key comes from. */
const WAYS: readonly (readonly [way: string, make: (baseUrl: string) => Provider[]])[] = [
  ['in the environment', (baseUrl) => [openai({ baseUrl, id: 'vendor' })]],
  ['in `apiKey`', (baseUrl) => [openai({ baseUrl, id: 'vendor', apiKey: CANARY })]],
  ['of a compatible endpoint', (baseUrl) => [openaiCompatible({ baseUrl, id: 'vendor', apiKey: CANARY })]],
];

describe.each(WAYS)('a key %s', (_way, make) => {
  let lines: string[];
  let gateway: Gateway;
  let events: unknown[];
  beforeEach(() => {
    lines = [];
    events = [];
    const registry = createRegistry({
      providers: make(upstream.baseUrl),
      credentials: environmentCredentials({ OPENAI_API_KEY: CANARY }),
    });
    gateway = createGateway({
      retry: { minDelayMs: 1 },
      registry,
      ledger: sqliteLedger({ path: folder.file('ledger.db') }),
      logger: createLogger({ level: 'debug', write: (line) => void lines.push(line) }),
    });
    for (const name of ['call-start', 'call-first-token', 'call-end'] as const)
      gateway.on(name, (event) => void events.push(event));
  });
  afterEach(async () => {
    await gateway.close();
    await gateway.ledger.close();
  });

  const failureOf = async (work: () => Promise<unknown>): Promise<unknown> => {
    try {
      await work();
    } catch (error) {
      expect(MillraceError.isInstance(error)).toBe(true);
      return error;
    }
    throw new Error('The call did not fail.');
  };

  test.each(HOSTILE_MODELS)('is nowhere after an upstream that gives it away by "%s"', async (model) => {
    const request = { model: `vendor:${model}`, prompt: 'Hello' };
    const errors = [
      await failureOf(() => gateway.chat(request)),
      await failureOf(() => gateway.stream(request).reply()),
    ];
    expect(upstream.keys).toEqual(new Set([CANARY]));
    for (const error of errors) expectNoSecret('error', formsOf(error));
    expectNoSecret('events', deeply(events));
    expectNoSecret('records', deeply((await gateway.ledger.list()).rows));
    expect(lines.length).toBeGreaterThan(0);
    expectNoSecret('log', lines.join('\n'));

    const handler = createHandler({
      gateway,
      logger: createLogger({ write: (line) => void lines.push(line) }),
    });
    for (const stream of [false, true]) {
      const response = await handler(
        new Request('http://host/v1/chat/completions', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model: `vendor:${model}`,
            stream,
            messages: [{ role: 'user', content: 'Hi' }],
          }),
        }),
      );
      expectNoSecret('headers', JSON.stringify([...response.headers]));
      expectNoSecret('body', await response.text());
    }
    expectNoSecret('log', lines.join('\n'));
    await gateway.ledger.flush();
    expectNoSecret('ledger', ledgerBytes());
    expect(ledgerBytes()).toContain(model);
  });

  test('is nowhere in what can be looked at, before and after it was used', async () => {
    const look = (): void => {
      const { registry } = gateway;
      expectNoSecret('gateway', deeply(gateway));
      expectNoSecret('registry', deeply(registry));
      expectNoSecret('providers', deeply(registry.list()));
      expectNoSecret('models', JSON.stringify([registry.models(), registry.aliases()]));
      expectNoSecret('gateway as JSON', JSON.stringify(gateway));
    };
    look();
    const verification = await gateway.registry.verify('vendor');
    expect(verification.status).toBe('invalid');
    expectNoSecret('verification', deeply(verification));
    expectNoSecret('discovery', formsOf(await failureOf(() => gateway.registry.discoverModels('vendor'))));
    await failureOf(() => gateway.chat({ model: 'vendor:error-message', prompt: 'Hello' }));
    look();
    expect(upstream.keys).toEqual(new Set([CANARY]));
  });
});

test('a key in the environment of the example server is nowhere in what it says, sends and keeps', async () => {
  const config = folder.file('millrace.yaml');
  writeFileSync(config, 'version: 1\nretry: { minDelayMs: 1, maxDelayMs: 5 }\n');
  await using server = startChild('examples/express-server/main.ts', {
    cwd: folder.path,
    environment: {
      MILLRACE_CONFIG: config,
      OPENAI_API_KEY: CANARY,
      OPENAI_BASE_URL: upstream.baseUrl,
      MILLRACE_LEDGER: folder.file('ledger.db'),
      PORT: '0',
    },
  });
  const [, url] = await server.output(/listens on (\S+)/);
  await server.output(/Press Ctrl-C/);
  for (const model of HOSTILE_MODELS) {
    for (const stream of [false, true]) {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: `openai:${model}`,
          stream,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      });
      expectNoSecret(`headers of ${model}`, JSON.stringify([...response.headers]));
      expectNoSecret(`body of ${model}`, await response.text());
    }
  }
  expectNoSecret('models', await (await fetch(`${url}/v1/models`)).text());
  server.process.kill('SIGINT');
  expect(await server.exit).toEqual({ code: 0, signal: null });
  expect(upstream.keys).toEqual(new Set([CANARY]));
  expectNoSecret('standard output', server.stdout());
  expectNoSecret('standard error', server.stderr());
  expect(server.stderr()).toContain('a call failed');
  expectNoSecret('ledger', ledgerBytes());
});
