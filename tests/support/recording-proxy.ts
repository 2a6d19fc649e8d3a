import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it was on the wire. */
export interface RecordedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Passes requests on, unchanged, and keeps them. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly received: RecordedRequest[];
}

/** Start one before a server. */
export const startRecordingProxy = async (target: string): Promise<RecordingProxy> => {
  const received: RecordedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { url: path = '/', headers, method } = incoming;
    let body = '';
    for await (const bytes of incoming.setEncoding('utf8')) body += bytes;
    received.push({ path, headers, body });
    const onward = send(new URL(path, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
