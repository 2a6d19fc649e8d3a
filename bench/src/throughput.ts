import { type Child, startChild } from './child.ts';
import type { Effort } from './cpu.ts';
import type { LoadResult, LoadTask } from './load.ts';
import { type Measurement, median } from './ratio.ts';

interface Target {
  readonly name: string;
  readonly module: string;
  readonly model: string;
  readonly headers: (upstream: string) => Record<string, string>;
}

const BARE: Target = {
  name: 'bare node:http proxy',
  module: './targets/bare-proxy.ts',
  model: 'gpt-4o-mini',
  headers: () => ({}),
};
const NODE: Target = {
  name: 'adapter on node:http',
  module: './targets/millrace-node.ts',
  model: 'openai:gpt-4o-mini',
  headers: () => ({}),
};
const EXPRESS: Target = {
  name: 'adapter in Express',
  module: './targets/millrace-express.ts',
  model: 'openai:gpt-4o-mini',
  headers: () => ({}),
};
const PEERS: readonly Target[] = [
  {
    name: '@portkey-ai/gateway',
    module: './targets/portkey.ts',
    model: 'gpt-4o-mini',
    headers: (upstream) => ({
      authorization: 'Bearer sk-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
    }),
  },
  {
    name: '@musistudio/llms',
    module: './targets/llms.ts',
    model: 'upstream,gpt-4o-mini',
    headers: () => ({}),
  },
];

const REQUESTS = { plain: 6000, streamed: 400 } as const;

/** Requests a second through each server, all on the same upstream and under the same load, taking turns. */
export const measureThroughput = async (
  upstream: string,
  { rounds, scale }: Effort,
): Promise<Measurement[]> => {
  const targets = [BARE, NODE, EXPRESS, ...PEERS];
  const load = await startChild('./load.ts');
  const servers = new Map<Target, Child>();
  for (const target of targets)
    servers.set(target, await startChild(target.module, { UPSTREAM: `${upstream}/paced` }));

  const measure = async (target: Target, stream: boolean, concurrency: number): Promise<number> => {
    const requests = Math.max(
      concurrency,
      Math.round(REQUESTS[stream ? 'streamed' : 'plain'] * scale * (concurrency === 1 ? 0.2 : 1)),
    );
    const task: LoadTask = {
      url: `http://127.0.0.1:${servers.get(target)?.ready.port}/v1/chat/completions`,
      headers: target.headers(`${upstream}/paced`),
      model: target.model,
      stream,
      requests,
      concurrency,
    };
    const { seconds, problem } = await load.ask<LoadResult>(task);
    if (problem !== undefined) throw new Error(`${target.name} gave ${problem}`);
    return requests / seconds;
  };

  const measurements: Measurement[] = [];
  for (const concurrency of [1, 64]) {
    for (const stream of [false, true]) {
      const rates = new Map<Target, number[]>(targets.map((target) => [target, []]));
      for (const target of targets) await measure(target, stream, concurrency);
      for (let round = 0; round < rounds; round++) {
        for (const target of targets) rates.get(target)?.push(await measure(target, stream, concurrency));
      }
      const rate = (target: Target): number => median(rates.get(target) ?? []);
      const what = `${stream ? 'streamed' : 'plain'}, ${concurrency} at once`;
      const compare = (target: Target, raw: Target, bar: number | undefined): void => {
        measurements.push({
          name: `requests/s: ${target.name} / ${raw.name}, ${what}`,
          ratio: rate(target) / rate(raw),
          ...(bar !== undefined && { bar: { kind: 'at-least', value: bar } }),
          detail: `${rate(target).toFixed(0)} against ${rate(raw).toFixed(0)}`,
        });
      };
      compare(NODE, BARE, concurrency === 64 ? 0.5 : undefined);
      compare(EXPRESS, BARE, undefined);
      for (const peer of PEERS) compare(NODE, peer, concurrency === 64 ? 1 : undefined);
    }
  }
  await Promise.all([load, ...servers.values()].map((child) => child.stop()));
  return measurements;
};
