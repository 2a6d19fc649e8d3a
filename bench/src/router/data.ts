import { existsSync, readFileSync } from 'node:fs';

/** One prompt and how well the two models of the public data did on it. */
export interface Judged {
  /** What a router sees. */
  readonly text: string;
  /** 0 to 1. */
  readonly weak: number;
  /** 0 to 1. */
  readonly strong: number;
  /** The subject or category, where the data names one. */
  readonly subject?: string | undefined;
}

export type SetName = 'MT Bench' | 'MMLU' | 'GSM8K';
export type JudgedSets = Readonly<Record<SetName, readonly Judged[]>>;

const FOLDER = new URL('../../../../shared/data/router/', import.meta.url);

/** The public sets; `undefined` where the folder is absent. */
export const loadSets = (): JudgedSets | undefined =>
  existsSync(FOLDER)
    ? {
        'MT Bench': mtBench(lines<Judgement>('mt_bench.jsonl')),
        MMLU: lines<Answered>('mmlu_half_of_subjects.jsonl').map(judged),
        GSM8K: lines<Answered>('gsm8k.jsonl').map(judged),
      }
    : undefined;

const lines = <Line>(file: string): Line[] =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));

interface Answered {
  readonly prompt: string;
  readonly weak: boolean;
  readonly strong: boolean;
  readonly subject?: string;
}

const judged = ({ prompt, weak, strong, subject }: Answered): Judged => ({
  text: prompt,
  weak: Number(weak),
  strong: Number(strong),
  subject,
});

interface Judgement {
  readonly question_id: number;
  readonly category: string;
  readonly model: string;
  /** 1 to 10. */
  readonly score: number;
  /** Both turns of the conversation. */
  readonly prompt: readonly string[];
}

/** The router sees the first turn and decides for both, as in the published evaluation. */
const mtBench = (judgements: readonly Judgement[]): Judged[] => {
  const mean = (all: readonly Judgement[], strong: boolean): number => {
    const own = all.filter(({ model }) => model.startsWith('gpt-4') === strong);
    return own.reduce((sum, { score }) => sum + (score - 1) / 9, 0) / own.length;
  };
  return [...Map.groupBy(judgements, ({ question_id }) => question_id).values()].map((all) => ({
    text: all[0]?.prompt[0] ?? '',
    weak: mean(all, false),
    strong: mean(all, true),
    subject: all[0]?.category,
  }));
};
