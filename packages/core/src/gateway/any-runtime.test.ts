import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'vite';
import { expect, test } from 'vitest';

const ENTRY = fileURLToPath(new URL('../index.ts', import.meta.url));

/** The root entry of the package with everything that it needs, in one script, as a browser would get it. */
const bundle = async (): Promise<{ readonly code: string; readonly needs: readonly string[] }> => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: ENTRY, name: 'millrace', formats: ['iife'] },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const chunks = outputs.flatMap((one) => ('output' in one ? one.output : []));
  const [chunk, ...others] = chunks;
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error('The bundle is not one chunk.');
  const builtIns = Object.keys(chunk.modules).filter((id) => /^node:|__vite-browser-external/.test(id));
  return { code: chunk.code, needs: [...chunk.imports, ...chunk.dynamicImports, ...builtIns] };
};

/** What every runtime has: the language, timers, and a few things of the web. No `process`, `Buffer` or `require`. */
const webGlobals = () => ({
  AbortController,
  AbortSignal,
  clearTimeout,
  console,
  crypto,
  DOMException,
  EventTarget,
  performance,
  setTimeout,
  TextDecoder,
  TextEncoder,
});

const SCRIPT = `
  const provider = {
    specification: 'millrace-provider-v1',
    id: 'tiny',
    label: 'Tiny',
    credential: { required: false },
    models: [{ id: 'one', tier: 'economy', price: { input: 1, output: 2 } }],
    async *stream() {
      yield { type: 'stream-start', warnings: [] };
      yield { type: 'text-start', id: 't' };
      yield { type: 'text-delta', id: 't', delta: 'Hello' };
      yield { type: 'text-end', id: 't' };
      yield { type: 'finish', finishReason: 'stop', usage: millrace.UNKNOWN_USAGE };
    },
  };
  (async () => {
    const gateway = millrace.createGateway({ providers: [provider] });
    const reply = await gateway.chat({ prompt: 'Hi' });
    const record = await gateway.ledger.get(reply.id);
    await gateway.close();
    return JSON.stringify({ text: reply.text, status: record.status, costUsd: record.costUsd });
  })();
`;

test('the root entry runs where there is nothing of Node', async () => {
  const { code, needs } = await bundle();
  expect(needs).toEqual([]);

  const context = createContext(webGlobals());
  runInContext(code, context);
  const answer = (await runInContext(SCRIPT, context)) as string;
  expect(JSON.parse(answer)).toEqual({ text: 'Hello', status: 'success', costUsd: expect.any(Number) });
}, 60_000);
