import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { openai } from '@millrace/providers/openai';
import { createHandler, type Handler } from '@millrace/server-adapter';

/** What a host would run: OpenAI behind a gateway that keeps its ledger in a file. */
export const createMeasuredHandler = (): Handler => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const gateway = createGateway({
    providers: [openai({ baseUrl: `${process.env['UPSTREAM']}/v1`, apiKey: 'sk-bench' })],
    ledger: sqliteLedger({ path: join(folder, 'ledger.db') }),
  });
  return createHandler({ gateway });
};
