import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleRequest } from './sample-request.ts';
import { type RunningServer, startServer } from './start-server.ts';

const describeProviders = ({ gateway }: RunningServer): string => {
  const providers = gateway.registry.enabled();
  const names = providers.map(({ id, label }) => `${id} (${label})`).join(', ');
  const isSimulated = providers.every(({ simulated }) => simulated === true);
  return isSimulated
    ? `${names}\n  No key and no local model was found. Set OPENAI_API_KEY, or start Ollama, for real answers.`
    : names;
};

const howToCall = (url: string): string => `
Call it with curl:
  curl ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"auto","messages":[{"role":"user","content":"Hello"}]}'

or with the OpenAI client:
  const client = new OpenAI({ baseURL: '${url}/v1', apiKey: 'not-needed' });
  await client.chat.completions.create({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] });
`;

/** Run the server until it is interrupted. */
export const main = async (environment: NodeJS.ProcessEnv = process.env): Promise<void> => {
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
  const server = await startServer(environment);
  console.log(`Millrace listens on ${server.url}`);
  console.log(`  providers ${describeProviders(server)}`);
  console.log(`  ledger    ${server.ledgerPath}\n`);
  const sample = sampleRequest(server).then((result) => {
    console.log(result);
    console.log(howToCall(server.url));
    console.log('Press Ctrl-C to stop.');
  });
  sample.catch(() => undefined);
  await interrupted;
  console.log('\nStopping.');
  await server.close();
};

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
