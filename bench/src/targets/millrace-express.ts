import type { AddressInfo } from 'node:net';
import { toExpress } from '@millrace/server-adapter/express';
import express from 'express';
import { createMeasuredHandler } from './measured-handler.ts';

const server = express()
  .use(toExpress(createMeasuredHandler()))
  .listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
