import { createServer, type Server as HttpServer } from 'node:http';
import { MillraceError } from '@millrace/core/model';
import type { Handler } from '../create-handler.js';
import { forward } from './forward.js';

/** Where to listen. */
export interface ServeOptions {
  readonly handler: Handler;
  /** Default: `127.0.0.1`, which other machines cannot reach. */
  readonly host?: string | undefined;
  /** `0` takes any free port. */
  readonly port: number;
}

/** A server that is listening. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /**
   * Take no more requests, give those that are running time to end, then cut them off. May be called twice.
   *
   * @param options - `graceMs`: how long to wait, in milliseconds. Default: 5,000.
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_GRACE_MS = 5_000;

const explain = (error: NodeJS.ErrnoException, host: string, port: number): MillraceError => {
  const at = `${host}:${port}`;
  const options = { cause: error, details: { host, port } };
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} of ${host} is in use. Stop the other program, or choose another port.`;
    return new MillraceError('INVALID_CONFIG', message, options);
  }
  if (error.code === 'EACCES') {
    const message = `This user may not listen on ${at}. Choose a port above 1023.`;
    return new MillraceError('INVALID_CONFIG', message, options);
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new MillraceError(
      'INVALID_CONFIG',
      `The host '${host}' is not an address of this machine.`,
      options,
    );
  }
  return new MillraceError('INVALID_CONFIG', `Cannot listen on ${at}: ${error.message}`, options);
};

const listen = (server: HttpServer, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(explain(error, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });

const shutDown = (server: HttpServer, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });

/**
 * Listen on a port.
 *
 * @throws MillraceError `INVALID_CONFIG` when the port is in use, not allowed or not an address of this machine.
 */
export const serve = async ({ handler, host = '127.0.0.1', port }: ServeOptions): Promise<Server> => {
  let closing: Promise<void> | undefined;
  const server = createServer((incoming, outgoing) => {
    // A connection that is kept alive would hold the server open until its client lets go.
    outgoing.once('close', () => {
      if (closing !== undefined) setImmediate(() => server.closeIdleConnections());
    });
    void forward(handler, incoming, outgoing);
  });
  await listen(server, host, port);
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  const close: Server['close'] = ({ graceMs = DEFAULT_GRACE_MS } = {}) => {
    closing ??= shutDown(server, graceMs);
    return closing;
  };
  return {
    host,
    port: actualPort,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
};
