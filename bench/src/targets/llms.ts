// `@musistudio/llms` with one OpenAI-shaped provider, as a host of it configures one.
import { requirePeer } from '../peers.ts';
import { freePort, listening } from './port.ts';

const port = await freePort();
const upstream = process.env['UPSTREAM'];
const providers = [
  {
    name: 'upstream',
    api_base_url: `${upstream}/v1/chat/completions`,
    api_key: 'sk-bench',
    models: ['gpt-4o-mini'],
  },
];
const options = {
  initialConfig: { providers, HOST: '127.0.0.1', PORT: port },
  useJsonFile: false,
  useEnvFile: false,
  logger: false,
};
// The package has no types of its own, and its ESM build does not load.
const { default: Server } = requirePeer('@musistudio/llms') as {
  readonly default: new (options: object) => { start(): Promise<void> };
};
void new Server(options).start();
await listening(port);
process.send?.({ port });
