// The raw thing: a JavaScript proxy that passes bytes both ways and looks at none.
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

const upstream = new URL(process.env['UPSTREAM'] ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

const server = createServer((incoming, outgoing) => {
  const { host: _, ...headers } = incoming.headers;
  const passed = request(
    {
      agent,
      hostname: upstream.hostname,
      port: upstream.port,
      path: `${upstream.pathname}${incoming.url}`,
      method: incoming.method,
      headers,
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  passed.on('error', () => outgoing.destroy());
  incoming.pipe(passed);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
