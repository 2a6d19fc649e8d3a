import { createGateway } from '@millrace/core';
import { simulated } from '@millrace/providers/simulated';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

/** Some ten thousand tokens. */
const PROMPT = 'The quick brown fox jumps over the lazy dog near the river bank. '.repeat(700);
const HITS = 2_000;
/** What a hit may cost, in microseconds of CPU. */
const PROMISE = 100;

/** What it costs to find a kept answer: the key over the whole request, the look-up, the account. */
export const measureCache = async (_upstream: string, { rounds, scale }: Effort): Promise<Measurement[]> => {
  const gateway = createGateway({ providers: [simulated()], cache: { ttlMs: 3_600_000 } });
  const ask = () => gateway.chat({ model: 'tier:economy', prompt: PROMPT });
  const { route } = await ask();
  const hits = Math.round(HITS * scale);
  const round = async (): Promise<number> => {
    const before = process.cpuUsage();
    for (let hit = 0; hit < hits; hit++) {
      const { cache } = await gateway.chat({ model: `${route.provider}:${route.model}`, prompt: PROMPT });
      if (cache === undefined) throw new Error('The answer was not in the cache.');
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / hits;
  };
  await round();
  const times: number[] = [];
  for (let count = 0; count < rounds; count++) times.push(await round());
  await gateway.close();
  const time = median(times);
  return [
    {
      name: 'cache: a hit for a prompt of 10,000 tokens / 100 µs of CPU',
      ratio: time / PROMISE,
      bar: { kind: 'at-most', value: 1 },
      detail: `${time.toFixed(0)} µs for ${PROMPT.length} characters`,
    },
  ];
};
