import { type Child, startChild } from './child.ts';
import { type Measurement, median } from './ratio.ts';

/** How much to measure. */
export interface Effort {
  readonly rounds: number;
  /** Scales the number of calls in a round. */
  readonly scale: number;
}

const WARM_UP_ROUNDS = 2;

/** A way to call, and how the upstream writes its stream. */
interface Mode {
  readonly call: string;
  readonly upstream: 'burst' | 'paced';
  readonly calls: number;
}

interface Comparison {
  readonly name: string;
  readonly ours: Mode;
  readonly raw: Mode;
  readonly bar?: number;
}

const plain = (call: string): Mode => ({ call, upstream: 'burst', calls: 1500 });
const burst = (call: string): Mode => ({ call, upstream: 'burst', calls: 600 });
const paced = (call: string): Mode => ({ call, upstream: 'paced', calls: 160 });

/** Each vendor, whole and streamed, over its own SDK. */
const VENDORS: readonly Comparison[] = ['responses', 'anthropic', 'google', 'ollama'].flatMap((vendor) => [
  {
    name: `gateway.chat, ${vendor} / its SDK`,
    ours: plain(`${vendor}-chat-sqlite`),
    raw: plain(`${vendor}-sdk-chat`),
    bar: 1.15,
  },
  {
    name: `gateway.stream, ${vendor} / its SDK`,
    ours: burst(`${vendor}-stream-sqlite`),
    raw: burst(`${vendor}-sdk-stream`),
    bar: 1.15,
  },
]);

/** The AI SDK with a gateway in place of its own model, and a gateway over its model in place of the model alone. */
const AI_SDK: readonly Comparison[] = [
  {
    name: 'generateText, toAiSdk / @ai-sdk/openai',
    ours: plain('ai-sdk-generate-ours'),
    raw: plain('ai-sdk-generate'),
    bar: 1.15,
  },
  {
    name: 'streamText, toAiSdk / @ai-sdk/openai',
    ours: burst('ai-sdk-stream-ours'),
    raw: burst('ai-sdk-stream'),
    bar: 1.15,
  },
  {
    name: 'gateway.chat, fromAiSdk / the model',
    ours: plain('ai-sdk-model-chat-ours'),
    raw: plain('ai-sdk-model-chat'),
  },
  {
    name: 'gateway.stream, fromAiSdk / the model',
    ours: burst('ai-sdk-model-stream-ours'),
    raw: burst('ai-sdk-model-stream'),
  },
];

const COMPARISONS: readonly Comparison[] = [
  {
    name: 'gateway.chat, SQLite ledger / openai SDK',
    ours: plain('chat-sqlite'),
    raw: plain('sdk-chat'),
    bar: 1.15,
  },
  {
    name: 'gateway.chat, memory ledger / openai SDK',
    ours: plain('chat-memory'),
    raw: plain('sdk-chat'),
    bar: 1.15,
  },
  { name: 'gateway.stream / openai SDK', ours: burst('stream-sqlite'), raw: burst('sdk-stream'), bar: 0.35 },
  { name: 'gateway.stream / reading the bytes', ours: burst('stream-sqlite'), raw: burst('wire-stream') },
  {
    name: 'gateway.stream / openai SDK, a write a chunk',
    ours: paced('stream-sqlite'),
    raw: paced('sdk-stream'),
  },
  {
    name: 'gateway.stream / reading the bytes, a write a chunk',
    ours: paced('stream-sqlite'),
    raw: paced('wire-stream'),
  },
  ...VENDORS,
  ...AI_SDK,
];

const keyOf = ({ call, upstream }: Mode): string => `${call} ${upstream}`;

/** CPU time of a call, ours over the raw thing, in processes that take turns. */
export const measureCpu = async (upstream: string, { rounds, scale }: Effort): Promise<Measurement[]> => {
  const modes = new Map(
    COMPARISONS.flatMap(({ ours, raw }) => [ours, raw]).map((mode) => [keyOf(mode), mode]),
  );
  const children = new Map<string, Child>();
  for (const [key, mode] of modes) {
    children.set(
      key,
      await startChild('./caller.ts', { UPSTREAM: `${upstream}/${mode.upstream}`, MODE: mode.call }),
    );
  }
  const measure = async (key: string, concurrency: number): Promise<number> => {
    const calls = Math.max(concurrency, Math.round((modes.get(key)?.calls ?? 0) * scale));
    return (await children.get(key)?.ask<number>({ calls, concurrency })) ?? Number.NaN;
  };

  const measurements: Measurement[] = [];
  for (const concurrency of [1, 64]) {
    const times = new Map<string, number[]>([...modes.keys()].map((key) => [key, []]));
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      for (const key of modes.keys()) await measure(key, concurrency);
    }
    for (let round = 0; round < rounds; round++) {
      for (const key of modes.keys()) times.get(key)?.push(await measure(key, concurrency));
    }
    for (const { name, ours, raw, bar } of COMPARISONS) {
      const [our, theirs] = [median(times.get(keyOf(ours)) ?? []), median(times.get(keyOf(raw)) ?? [])];
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
