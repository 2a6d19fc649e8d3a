import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve as serveHono } from '@hono/node-server';
import express from 'express';
import fastify, { type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import type { Handler } from '../src/create-handler.js';
import { toExpress } from '../src/mount/express.js';
import { millraceFastify } from '../src/mount/fastify.js';
import { toHono } from '../src/mount/hono.js';
import { serve, toNodeListener } from '../src/mount/node.js';

/** A host that has a handler mounted, on a socket of its own. */
export interface RunningHost {
  /** Where the handler is, without `/v1`. */
  readonly url: string;
  /** The host itself. Where `echoes`, `POST /host` answers `{ echo: <the parsed body> }`. */
  readonly origin: string;
  readonly echoes: boolean;
  close(): Promise<void>;
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const startServer = async (server: Server, path: string, echoes: boolean): Promise<RunningHost> => {
  const origin = await listen(server);
  return { url: `${origin}${path}`, origin, echoes, close: () => stop(server) };
};

const startExpress = (handler: Handler, path: string, order: 'before' | 'after'): Promise<RunningHost> => {
  const app = express();
  if (order === 'after') app.use(express.json());
  app.use(path === '' ? '/' : path, toExpress(handler));
  app.post('/host', express.json(), (request, response) => void response.json({ echo: request.body }));
  return startServer(createServer(app), path, true);
};

const startFastify = async (handler: Handler, path: string): Promise<RunningHost> => {
  const app: FastifyInstance = fastify();
  app.addHook('onRequest', async (_request, reply) => void reply.header('x-host', 'fastify'));
  app.post('/host', async (request) => ({ echo: request.body }));
  await app.register(millraceFastify, { handler, prefix: path });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const close = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
  };
  return { url: `${origin}${path}`, origin, echoes: true, close };
};

const startHono = async (handler: Handler, path: string): Promise<RunningHost> => {
  const app = new Hono();
  app.route(path === '' ? '/' : path, toHono(handler));
  app.post('/host', async (context) => context.json({ echo: await context.req.json() }));
  const server = serveHono({
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    overrideGlobalObjects: false,
  }) as Server;
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}${path}`, origin, echoes: true, close: () => stop(server) };
};

const startServe = async (handler: Handler): Promise<RunningHost> => {
  const server = await serve({ handler, port: 0 });
  return { url: server.url, origin: server.url, echoes: false, close: () => server.close({ graceMs: 0 }) };
};

/** Every way to mount a handler, by name. */
export const mounts: readonly (readonly [string, (handler: Handler) => Promise<RunningHost>])[] = [
  ['node:http', (handler) => startServer(createServer(toNodeListener(handler)), '', false)],
  ['serve', startServe],
  ['Express', (handler) => startExpress(handler, '', 'before')],
  ['Express after express.json()', (handler) => startExpress(handler, '', 'after')],
  ['Express under a path', (handler) => startExpress(handler, '/deep/api', 'after')],
  ['Fastify', (handler) => startFastify(handler, '')],
  ['Fastify under a path', (handler) => startFastify(handler, '/deep/api')],
  ['Hono', (handler) => startHono(handler, '')],
  ['Hono under a path', (handler) => startHono(handler, '/deep/api')],
];
