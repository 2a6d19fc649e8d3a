// A gateway behind the adapter, in a process of its own. `GET /measure` collects garbage and tells what is left.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGateway } from '@millrace/core';
import { sqliteLedger } from '@millrace/core/ledger/sqlite';
import { openai } from '@millrace/providers/openai';
import { createHandler } from '@millrace/server-adapter';
import { toNodeListener } from '@millrace/server-adapter/node';
import type { Measurement } from './measurement.ts';

const [baseUrl, path = ''] = process.argv.slice(2);
const ledger = sqliteLedger({ path });
const gateway = createGateway({ providers: [openai({ baseUrl, apiKey: 'sk-test' })], ledger });
const listener = toNodeListener(createHandler({ gateway }));
const rejections: unknown[] = [];
process.on('unhandledRejection', (error) => rejections.push(error));

const measure = async (): Promise<Measurement> => {
  await ledger.flush();
  // What was freed may free more: streams and sockets are torn down over several turns.
  for (let round = 0; round < 3; round++) {
    await sleep(20);
    globalThis.gc?.();
  }
  return {
    heapBytes: process.memoryUsage().heapUsed,
    connections: await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    rejections: rejections.map(String),
    calls: await ledger.summarize({ by: ['status'] }),
  };
};

const server = createServer((request, response) => {
  if (request.url !== '/measure') return listener(request, response);
  measure().then((measurement) => response.setHeader('connection', 'close').end(JSON.stringify(measurement)));
});
server.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
