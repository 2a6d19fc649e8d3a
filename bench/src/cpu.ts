import { type Child, startChild } from './child.ts';
import { type Measurement, median } from './ratio.ts';

/** How much to measure. */
export interface Effort {
  readonly rounds: number;
  /** Scales the number of calls in a round. */
  readonly scale: number;
}

interface Comparison {
  readonly name: string;
  readonly ours: string;
  readonly raw: string;
  readonly bar?: number;
  readonly calls: number;
}

const COMPARISONS: readonly Comparison[] = [
  {
    name: 'gateway.chat, SQLite ledger / openai SDK',
    ours: 'chat-sqlite',
    raw: 'sdk-chat',
    bar: 1.15,
    calls: 1500,
  },
  {
    name: 'gateway.chat, memory ledger / openai SDK',
    ours: 'chat-memory',
    raw: 'sdk-chat',
    bar: 1.15,
    calls: 1500,
  },
  {
    name: 'gateway.stream, SQLite ledger / openai SDK',
    ours: 'stream-sqlite',
    raw: 'sdk-stream',
    bar: 0.35,
    calls: 160,
  },
  { name: 'gateway.stream / bytes read and left', ours: 'stream-sqlite', raw: 'wire-stream', calls: 160 },
];

/** CPU time of a call, ours over the raw thing, in processes that take turns. */
export const measureCpu = async (upstream: string, { rounds, scale }: Effort): Promise<Measurement[]> => {
  const modes = [...new Set(COMPARISONS.flatMap(({ ours, raw }) => [ours, raw]))];
  const children = new Map<string, Child>();
  for (const mode of modes)
    children.set(mode, await startChild('./caller.ts', { UPSTREAM: upstream, MODE: mode }));
  const measure = (mode: string, calls: number, concurrency: number): Promise<number> =>
    children
      .get(mode)
      ?.ask<number>({ calls: Math.max(concurrency, Math.round(calls * scale)), concurrency }) ??
    Promise.reject(new Error(`no process for ${mode}`));

  const measurements: Measurement[] = [];
  for (const concurrency of [1, 64]) {
    const times = new Map<string, number[]>(modes.map((mode) => [mode, []]));
    const callsOf = (mode: string): number =>
      COMPARISONS.find(({ ours, raw }) => ours === mode || raw === mode)?.calls ?? 0;
    for (const mode of modes) await measure(mode, callsOf(mode), concurrency);
    for (let round = 0; round < rounds; round++) {
      for (const mode of modes) times.get(mode)?.push(await measure(mode, callsOf(mode), concurrency));
    }
    for (const { name, ours, raw, bar } of COMPARISONS) {
      const [our, theirs] = [median(times.get(ours) ?? []), median(times.get(raw) ?? [])];
      measurements.push({
        name: `CPU: ${name}, ${concurrency} at once`,
        ratio: our / theirs,
        ...(bar !== undefined && { bar: { kind: 'at-most', value: bar } }),
        detail: `${our.toFixed(0)} µs against ${theirs.toFixed(0)} µs`,
      });
    }
  }
  await Promise.all([...children.values()].map((child) => child.stop()));
  return measurements;
};
