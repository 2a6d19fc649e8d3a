import { writeFileSync } from 'node:fs';
import type { Ledger, LedgerRecord } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { vi } from 'vitest';
import { startServer } from '../../examples/express-server/start-server.ts';
import { CLEAN_ENVIRONMENT, startChild } from './child.ts';
import { VENDOR_KEY } from './emulator.ts';
import { scratchFolder } from './scratch-folder.ts';

/** The example server, with an upstream of ours. */
export interface ExampleServer extends AsyncDisposable {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** The record of a call, once it is written. */
  record(callId: string): Promise<LedgerRecord>;
  /** All records, newest first. */
  records(): Promise<readonly LedgerRecord[]>;
}

const reading = (ledger: Ledger): Pick<ExampleServer, 'record' | 'records'> => ({
  record: (id) =>
    vi.waitFor(
      async () => {
        const found = await ledger.get(id);
        if (found === undefined) throw new Error(`The ledger has no call ${id}.`);
        return found;
      },
      { timeout: 5_000, interval: 20 },
    ),
  records: async () => (await ledger.list({ limit: 1_000 })).rows,
});

/** Failed requests are repeated as usual, but soon. */
const QUICK = 'version: 1\nretry: { minDelayMs: 1, maxDelayMs: 5, maxRetryAfterMs: 500 }\n';

const quickConfig = (path: string): string => {
  writeFileSync(path, QUICK);
  return path;
};

const environmentOf = (upstream: string, ledger: string, config: string): Record<string, string> => ({
  MILLRACE_CONFIG: config,
  OPENAI_API_KEY: VENDOR_KEY,
  OPENAI_BASE_URL: upstream,
  MILLRACE_LEDGER: ledger,
  PORT: '0',
});

/** Start it in this process. */
export const startHere = async (upstream: string): Promise<ExampleServer> => {
  const folder = scratchFolder();
  const server = await startServer({
    ...CLEAN_ENVIRONMENT,
    ...environmentOf(upstream, folder.file('ledger.db'), quickConfig(folder.file('millrace.yaml'))),
  });
  return {
    baseUrl: `${server.url}/v1`,
    ...reading(server.gateway.ledger),
    async [Symbol.asyncDispose]() {
      await server.close();
      folder[Symbol.dispose]();
    },
  };
};

/** Start it as an operator does, in a process of its own. */
export const startApart = async (upstream: string): Promise<ExampleServer> => {
  const folder = scratchFolder();
  const path = folder.file('ledger.db');
  const child = startChild('examples/express-server/main.ts', {
    cwd: folder.path,
    environment: environmentOf(upstream, path, quickConfig(folder.file('millrace.yaml'))),
  });
  const [, url] = await child.output(/listens on (\S+)/);
  // Its sample request is over by then.
  await child.output(/Press Ctrl-C/);
  const ledger = sqliteLedger({ path });
  return {
    baseUrl: `${url}/v1`,
    ...reading(ledger),
    async [Symbol.asyncDispose]() {
      await ledger.close();
      child.process.kill('SIGINT');
      await child.exit;
      folder[Symbol.dispose]();
    },
  };
};
