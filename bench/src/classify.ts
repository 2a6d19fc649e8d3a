import type { Message, ModelRequest } from '@millrace/core/model';
import { classifyTask, type TaskCategory } from '@millrace/core/routing';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

const CLASSIFICATIONS = 2_000;
/** What a verdict may cost, in microseconds of CPU. */
const PROMISE = 1_000;
/** Ten thousand tokens of English. */
const CHARACTERS = 40_000;

const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const filled = (text: string, characters: number): string =>
  text.repeat(Math.ceil(characters / text.length)).slice(0, characters);
const asking = (...messages: readonly Message[]): ModelRequest => ({ model: 'auto', messages });

const SPEC =
  'Write a function that reads the file, checks each row and returns the errors, and add tests for it. ';
const CODE =
  'export const total = (rows: readonly Row[]): number => rows.reduce((sum, { price }) => sum + price, 0);\n';
const CHINESE = '请帮我重构这段代码，拆分函数并解释原因。';

/** Ten thousand tokens of each kind, and what they ask for. */
const PROMPTS: Readonly<Record<string, readonly [ModelRequest, TaskCategory]>> = {
  'of prose': [asking(said(filled(SPEC, CHARACTERS))), 'code_gen'],
  'of code with a question': [
    asking(said(`Explain this.\n\`\`\`ts\n${filled(CODE, CHARACTERS)}\n\`\`\``)),
    'explain',
  ],
  'of Chinese': [asking(said(filled(CHINESE, CHARACTERS / 4))), 'refactor'],
  'in 40 turns': [
    asking(...Array.from({ length: 40 }, () => said(filled(SPEC, CHARACTERS / 40)))),
    'code_gen',
  ],
};

/** What it costs to classify a request of 10,000 tokens. */
export const measureClassify = async (
  _upstream: string,
  { rounds, scale }: Effort,
): Promise<Measurement[]> => {
  const count = Math.round(CLASSIFICATIONS * scale);
  const round = (request: ModelRequest, expected: TaskCategory): number => {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index++) {
      if (classifyTask(request).category !== expected) throw new Error(`It is not ${expected}.`);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  return Object.entries(PROMPTS).map(([name, [request, expected]]) => {
    // The first round warms up.
    round(request, expected);
    const time = median(Array.from({ length: rounds }, () => round(request, expected)));
    return {
      name: `classify: 10,000 tokens ${name} / 1 ms of CPU`,
      ratio: time / PROMISE,
      bar: { kind: 'at-most', value: 1 },
      detail: `${time.toFixed(0)} µs`,
    };
  });
};
