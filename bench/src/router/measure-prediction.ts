import { fitRouter } from '@millrace/core/routing';
import type { Effort } from '../cpu.ts';
import { type Measurement, median } from '../ratio.ts';

/** What a prediction may cost, in microseconds of CPU. */
const PROMISE = 200;
const MODELS = 200;
const PREDICTIONS = 500;
/** Some two thousand tokens. */
const SENTENCE =
  'Refactor the parser of the invoice module so that line %d, amount %d and tax are read in one pass. ';
const PROMPT = Array.from({ length: 90 }, (_, line) => SENTENCE.replaceAll('%d', String(line * 37))).join(
  '\n',
);

/** What it costs to ask about 200 models at a prompt of 2,000 tokens. */
export const measurePrediction = ({ rounds, scale }: Effort): Measurement => {
  const models = Array.from({ length: MODELS }, (_, model) => `vendor:model-${model}`);
  const router = fitRouter(
    models.map((model, at) => ({ request: `${SENTENCE} ${model}`, model, success: at % 2 })),
  );
  const predictions = Math.round(PREDICTIONS * scale);
  const round = (): number => {
    const before = process.cpuUsage();
    for (let prediction = 0; prediction < predictions; prediction++) router.predict(PROMPT, models);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / predictions;
  };
  round();
  const time = median(Array.from({ length: rounds }, round));
  return {
    name: 'router: a prediction of 2,000 tokens, 200 models / 200 µs',
    ratio: time / PROMISE,
    bar: { kind: 'at-most', value: 1 },
    detail: `${time.toFixed(0)} µs of CPU for ${PROMPT.length} characters`,
  };
};
