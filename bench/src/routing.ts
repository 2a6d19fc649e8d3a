import {
  createCoolDown,
  createHistory,
  type HistoryRecord,
  historyFromLedger,
  rankByHistory,
} from '@millrace/core/routing';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

const MODELS = 200;
const ROWS = 100_000;
const DECISIONS = 2_000;
const CATEGORIES = ['code', 'chat', 'extract', 'translate', 'other'];
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

/** What it costs to choose among many models by a long history, skipping those that cool down. */
export const measureRouting = async (
  _upstream: string,
  { rounds, scale }: Effort,
): Promise<Measurement[]> => {
  const models = Array.from({ length: MODELS }, (_, index) => ({
    provider: `provider-${index % 10}`,
    model: `model-${index}`,
    price: (index * 37) % MODELS,
  }));
  const history = createHistory();
  let count = 0;
  const categoryOf = (): string | undefined => CATEGORIES[count++ % CATEGORIES.length];
  history.load(await historyFromLedger(rows(models), { categoryOf }));
  const coolDown = createCoolDown();
  const decisions = Math.round(DECISIONS * scale);
  const round = (): number => {
    const before = performance.now();
    for (let decision = 0; decision < decisions; decision++) {
      const ready = models.filter(({ provider, model }) => coolDown.check(provider, model).callable);
      rankByHistory(ready, ({ provider, model }) => history.look(provider, model, 'code'));
    }
    return ((performance.now() - before) * 1_000) / decisions;
  };
  round();
  const time = median(Array.from({ length: rounds }, round));
  return [
    {
      name: 'routing: a decision by history among 200 models / 200 µs',
      ratio: time / PROMISE,
      bar: { kind: 'at-most', value: 1 },
      detail: `${time.toFixed(0)} µs with ${ROWS} rows of history`,
    },
  ];
};
