import type { ModelRequest } from '@millrace/core/model';
import { createRegistry, type ModelInfo, type Provider } from '@millrace/core/provider';
import {
  createCoolDown,
  createHistory,
  createRouter,
  type HistoryRecord,
  historyFromLedger,
} from '@millrace/core/routing';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

const MODELS = 200;
const ROWS = 100_000;
const DECISIONS = 2_000;
const CATEGORIES = ['debug', 'code_gen', 'explain', 'simple_qa', 'other'];
/** What a decision may cost, in microseconds. */
const PROMISE = 200;

async function* rows(models: readonly { provider: string; model: string }[]): AsyncGenerator<HistoryRecord> {
  for (let index = 0; index < ROWS; index++) {
    const { provider, model } = models[index % models.length] ?? { provider: null, model: null };
    yield {
      startedAt: Date.now() - index * 1_000,
      status: index % 7 === 0 ? 'error' : 'success',
      errorCode: index % 7 === 0 ? 'SERVER_ERROR' : null,
      provider,
      model,
      cache: null,
      latencyMs: 500,
      costUsd: 0.001,
    };
  }
}

/** A provider that is never called. */
const provider = (id: string, models: readonly ModelInfo[]): Provider => ({
  specification: 'millrace-provider-v1',
  id,
  label: id,
  credential: { required: true, environmentVariable: 'NOT_READ' },
  models,
  stream: () => {
    throw new Error('It is only chosen here.');
  },
});

const request: ModelRequest = {
  model: 'auto',
  messages: [
    {
      role: 'user',
      content: [{ type: 'text', text: 'Fix the bug in the parser of my configuration file.' }],
    },
  ],
};

/** What a whole decision costs: keys, gate, classifier, history and cool-down of many models, and the reasons. */
export const measureRouting = async (
  _upstream: string,
  { rounds, scale }: Effort,
): Promise<Measurement[]> => {
  const models = Array.from({ length: MODELS }, (_, index) => ({
    provider: `provider-${index % 10}`,
    model: `model-${index}`,
    price: 0.1 + ((index * 37) % MODELS) / 10,
  }));
  const history = createHistory();
  let count = 0;
  const categoryOf = (): string | undefined => CATEGORIES[count++ % CATEGORIES.length];
  history.load(await historyFromLedger(rows(models), { categoryOf }));
  const registry = createRegistry({
    providers: Array.from({ length: 10 }, (_, index) => {
      const id = `provider-${index}`;
      const own = models.filter((one) => one.provider === id);
      return provider(
        id,
        own.map(({ model, price }) => ({ id: model, price: { input: price, output: price } })),
      );
    }),
    credentials: { get: () => ({ apiKey: 'a-key' }) },
  });
  const router = createRouter(registry, {
    policy: () => ({ mode: 'cost-aware' }),
    history,
    coolDown: createCoolDown(),
  });
  const decisions = Math.round(DECISIONS * scale);
  const round = async (): Promise<number> => {
    const before = process.cpuUsage();
    for (let decision = 0; decision < decisions; decision++) await router.decide(request);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / decisions;
  };
  await round();
  const times: number[] = [];
  for (let done = 0; done < rounds; done++) times.push(await round());
  const time = median(times);
  return [
    {
      name: 'routing: a decision among 200 models by history / 200 µs of CPU',
      ratio: time / PROMISE,
      bar: { kind: 'at-most', value: 1 },
      detail: `${time.toFixed(0)} µs with ${ROWS} rows of history`,
    },
  ];
};
