// `@portkey-ai/gateway` as its own command starts it.
import { pathToFileURL } from 'node:url';
import { requirePeer } from '../peers.ts';
import { freePort, listening } from './port.ts';

const port = await freePort();
process.argv.push(`--port=${port}`, '--headless');
await import(pathToFileURL(requirePeer.resolve('@portkey-ai/gateway/build/start-server.js')).href);
await listening(port);
process.send?.({ port });
