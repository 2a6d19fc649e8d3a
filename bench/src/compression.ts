import { createHash } from 'node:crypto';
import { type CompressionPreset, compress, presetStages } from '@millrace/core/compression';
import { loadTokenizer } from '@millrace/core/tokens';
import {
  hasTranscripts,
  readTranscripts,
  type Transcript,
  toolShare,
} from '../../tests/support/transcripts.ts';
import type { Effort } from './cpu.ts';
import { type Measurement, median } from './ratio.ts';

const PRESETS: readonly CompressionPreset[] = ['lossless', 'standard', 'aggressive'];
/** What tool-heavy conversations lose at least, on average. */
const SAVINGS: Partial<Record<CompressionPreset, number>> = { lossless: 0.2, aggressive: 0.45 };
/** Megabytes of text a second of CPU time, without counting tokens. */
const SPEED = 5;

/** How much of recorded conversations each stage saves, and how fast. */
export const measureCompression = async (
  _upstream: string,
  { rounds, scale }: Effort,
): Promise<Measurement[]> => {
  if (!hasTranscripts) {
    console.log('compression: left out, because ../shared/data/transcripts is not there');
    return [];
  }
  const transcripts = readTranscripts();
  const savings: Measurement[] = [];
  for (const preset of PRESETS) savings.push(...(await measureSavings(preset, transcripts)));
  return [...savings, ...PRESETS.map((preset) => measureSpeed(preset, transcripts, rounds, scale))];
};

/** What this process has used, garbage collection included. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const measureSavings = async (
  preset: CompressionPreset,
  transcripts: readonly Transcript[],
): Promise<Measurement[]> => {
  const tokenizer = await loadTokenizer('gpt-4o');
  const stages = presetStages(preset).map(({ name }) => name);
  console.log(`compression, ${preset}: share of the tokens saved, by stage (${tokenizer.name})`);
  const heavy: number[] = [];
  for (const transcript of transcripts) {
    const { savings } = compress(transcript.messages, { preset, tokenizer });
    const all = savings[0]?.tokensBefore ?? 0;
    const saved = savings.map(({ tokensBefore = 0, tokensAfter = 0 }) => (tokensBefore - tokensAfter) / all);
    const total = saved.reduce((sum, share) => sum + share, 0);
    const share = toolShare(transcript);
    if (share >= 0.5) heavy.push(total);
    const byStage = stages.map((stage, index) => `${stage} ${percent(saved[index] ?? 0)}`).join(', ');
    console.log(
      `  ${transcript.name.padEnd(40)} ${String(all).padStart(6)} tokens, ${percent(share)} by tools: ${percent(total)} (${byStage})`,
    );
  }
  const mean = heavy.reduce((sum, share) => sum + share, 0) / heavy.length;
  const value = SAVINGS[preset];
  return [
    {
      name: `compression, ${preset}: tokens saved / all, tool-heavy`,
      ratio: mean,
      ...(value !== undefined && { bar: { kind: 'at-least', value } }),
      detail: `mean of ${heavy.length} conversations, of which tools wrote half or more`,
    },
  ];
};

/** CPU time in one run: of the work, and of hashing the same bytes as a measure of the machine. */
const measureSpeed = (
  preset: CompressionPreset,
  transcripts: readonly Transcript[],
  rounds: number,
  scale: number,
): Measurement => {
  const texts = transcripts.map(({ messages }) => JSON.stringify(messages));
  const repeats = Math.max(1, Math.round(5 * scale));
  const megabytes = (compressAll(preset, transcripts) * repeats) / 1_000_000;
  const speeds: number[] = [];
  const hashing: number[] = [];
  for (let round = 0; round < rounds + 1; round++) {
    const begun = cpuSeconds();
    for (let repeat = 0; repeat < repeats; repeat++) compressAll(preset, transcripts);
    const between = cpuSeconds();
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const text of texts) createHash('sha256').update(text).digest();
    }
    // The first round is warm-up.
    if (round === 0) continue;
    speeds.push(megabytes / (between - begun));
    hashing.push(megabytes / (cpuSeconds() - between));
  }
  const speed = median(speeds);
  return {
    name: `compression, ${preset}: MB/s without counting / ${SPEED} MB/s`,
    ratio: speed / SPEED,
    ...(preset === 'lossless' && { bar: { kind: 'at-least', value: 1 } as const }),
    detail: `${speed.toFixed(1)} MB of text a second of CPU; SHA-256 of the same: ${median(hashing).toFixed(0)} MB/s`,
  };
};

/** @returns the bytes of text that were read. */
const compressAll = (preset: CompressionPreset, transcripts: readonly Transcript[]): number => {
  let characters = 0;
  for (const { messages } of transcripts) {
    characters += compress(messages, { preset }).savings[0]?.charsBefore ?? 0;
  }
  return characters;
};
