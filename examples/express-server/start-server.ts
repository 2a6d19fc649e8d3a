import { createHash, timingSafeEqual } from 'node:crypto';
import { createHandler } from '@millrace/server-adapter';
import { createAdminHandler } from '@millrace/server-adapter/admin';
import { toExpress } from '@millrace/server-adapter/express';
import express from 'express';
import { type Assembly, assembleGateway } from './assemble-gateway.ts';

/** A server that is listening. */
export interface RunningServer extends Assembly {
  /** Such as `http://127.0.0.1:4400`. */
  readonly url: string;
}

const DEFAULT_PORT = 4400;

/** Start the server. Listens on this machine only, unless `HOST` says otherwise: it has no authentication of its own. */
export const startServer = async (environment: NodeJS.ProcessEnv): Promise<RunningServer> => {
  const assembly = await assembleGateway(environment);
  const { gateway, config, budgets } = assembly;
  const app = express();
  app.disable('x-powered-by');
  app.get('/', (_request, response) => {
    response.type('text').send('Millrace is running. POST /v1/chat/completions, or GET /v1/models.\n');
  });
  const host = environment['HOST'] ?? config.server?.host ?? '127.0.0.1';
  const admin = createAdminHandler({
    gateway,
    budgets,
    authorize: administrators(environment['MILLRACE_ADMIN_TOKEN'], host),
    otherwise: createHandler({ gateway, bodyLimitBytes: config.server?.bodyLimitBytes }),
  });
  app.use(toExpress(admin));

  const port = readPort(environment['PORT']) ?? config.server?.port ?? DEFAULT_PORT;
  const server = app.listen(port, host);
  try {
    await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  } catch (error) {
    await assembly.close();
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? portInUse(port) : error;
  }
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    ...assembly,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Ends running calls first, so that the connections which wait for them can close.
      await gateway.close();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(patience);
      await assembly.close();
    },
  };
};

/** With a token: whoever has it. Without one: everybody, as long as only this machine can reach the server. */
const administrators = (token: string | undefined, host: string) => {
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(host);
  return (request: Request): { actor: string } | undefined => {
    if (token === undefined || token === '') return isLocal ? { actor: 'local' } : undefined;
    const given = request.headers.get('authorization') ?? '';
    return isSame(given, `Bearer ${token}`) ? { actor: 'admin' } : undefined;
  };
};

/** Takes as long for any text, so that a token cannot be guessed letter by letter. */
const isSame = (one: string, other: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
};

const readPort = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be a whole number from 0 to 65535, not "${text}".`);
};

const portInUse = (port: number): Error =>
  new Error(
    `Port ${port} is in use. Stop what listens there, or choose another one: PORT=${port + 1} npm start`,
  );
