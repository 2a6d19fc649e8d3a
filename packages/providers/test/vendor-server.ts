import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a server got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Empty for what is no JSON object. */
  readonly body: Record<string, unknown>;
  readonly text: string;
  /** Resolves when the connection of the answer closes before the answer is complete. */
  readonly left: Promise<void>;
}

/** A vendor's server, on a real socket. */
export interface VendorServer {
  readonly baseUrl: string;
  readonly received: readonly Received[];
  /** Connections that were opened so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Start a server that answers every request by a function. */
export const startVendor = async (
  answer: (request: Received, response: ServerResponse) => void | Promise<void>,
): Promise<VendorServer> => {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const bytes of incoming) text += bytes;
    const left = new Promise<void>((resolve) =>
      response.once('close', () => {
        if (!response.writableFinished) resolve();
      }),
    );
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text.startsWith('{') ? JSON.parse(text) : {},
      text,
      left,
    };
    received.push(request);
    await answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
