import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it was sent. */
interface RecordedRequest {
  readonly path: string;
  readonly body: string;
}

/** Stands before a server and notes what it is asked, byte for byte. */
export interface RecordingProxy {
  readonly url: string;
  /** What was asked since the last time. */
  take(): readonly RecordedRequest[];
  close(): Promise<void>;
}

/** Start a proxy before the server at `target`. */
export const startRecordingProxy = async (target: string): Promise<RecordingProxy> => {
  let recorded: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    const { url: path = '/', method, headers } = incoming;
    const outgoing = request(new URL(path, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => recorded.push({ path, body: Buffer.concat(chunks).toString() }));
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = recorded;
      recorded = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
