import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A server between a client and a service, whose connections can be cut as if the service had died. */
export interface CuttableProxy extends AsyncDisposable {
  /** The address of the service, by way of the proxy. */
  readonly url: string;
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Swallows what the service answers from now on, and so loses answers of work that is done. */
  mute(): void;
}

export const startProxy = async (serviceUrl: string): Promise<CuttableProxy> => {
  const target = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let muted = false;
  const server = createServer((client) => {
    const service = connect(Number(target.port), target.hostname);
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        service.destroy();
      });
    }
    client.pipe(service);
    service.on('data', (chunk) => {
      if (!muted) client.write(chunk);
    });
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  };
  const port = await listen(0);
  const url = new URL(serviceUrl);
  url.host = `127.0.0.1:${port}`;
  const cut = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    if (closed !== undefined) server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: url.href,
    cut,
    async restore() {
      muted = false;
      await listen(port);
    },
    mute() {
      muted = true;
    },
    [Symbol.asyncDispose]: cut,
  };
};
