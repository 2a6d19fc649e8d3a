// `@portkey-ai/gateway` as its own command starts it.
import { freePort, listening } from './port.ts';

const port = await freePort();
process.argv.push(`--port=${port}`, '--headless');
const { resolve } = import.meta;
await import(resolve('@portkey-ai/gateway'));
await listening(port);
process.send?.({ port });
