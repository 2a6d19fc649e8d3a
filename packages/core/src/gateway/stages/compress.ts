import { LRUCache } from 'lru-cache';
import { type Compression, compress } from '../../compression/compress.js';
import { measureMessage } from '../../compression/measure-message.js';
import type { Message } from '../../model/message.js';
import type { ModelEvent } from '../../model/model-event.js';
import type { Logger } from '../../telemetry/logger.js';
import { loadTokenizer } from '../../tokens/load-tokenizer.js';
import type { Tokenizer } from '../../tokens/tokenizer.js';
import type { Call, Stage } from '../call.js';
import type { CompressionOptions } from '../compression-options.js';
import { deferred } from '../deferred.js';

const MIN_CHARACTERS = 4_000;
/** Texts whose tokens are remembered: a growing conversation brings the same ones again. */
const MOST_COUNTED = 50_000;
const MOST_COUNTED_CHARACTERS = 20_000_000;

/** Makes prompts shorter on their way to the model. A prompt that cannot be compressed goes on as it is. */
export const compressStage = (options: CompressionOptions, logger: Logger): Stage => {
  const counted = new LRUCache<string, number>({
    max: MOST_COUNTED,
    maxSize: MOST_COUNTED_CHARACTERS,
    sizeCalculation: (_count, key) => key.length,
  });
  const remembering = ({ name, approximate, count }: Tokenizer): Tokenizer => ({
    name,
    approximate,
    count(text) {
      const key = `${name} ${text}`;
      const known = counted.get(key);
      if (known !== undefined) return known;
      const tokens = count(text);
      counted.set(key, tokens);
      return tokens;
    },
  });

  return (next) => (call) => {
    const preset = call.compression;
    if (preset === 'off' || isShort(call.request.messages, options.minCharacters ?? MIN_CHARACTERS))
      return next(call);
    return deferred(async (): Promise<AsyncIterable<ModelEvent>> => {
      const candidate = call.candidates[0];
      let { request } = call;
      try {
        const tokenizer = remembering(await loadTokenizer(candidate?.model ?? call.request.model));
        const { keep } = options;
        const price = candidate?.info?.price;
        const result = compress(request.messages, { preset, tokenizer, keep, price });
        for (const { stage, error } of result.savings)
          if (error !== undefined)
            logger.warn({ callId: call.id, stage, error }, 'a compressor stage failed');
        call.trace.compression = savingOf(result);
        request = { ...request, messages: result.messages };
      } catch (error) {
        logger.warn({ callId: call.id, error }, 'a prompt could not be compressed');
      }
      return next({ ...call, request });
    });
  };
};

const savingOf = ({ savings }: Compression): Call['trace']['compression'] => {
  const [first] = savings;
  if (first?.tokensBefore === undefined) return undefined;
  const stages: Record<string, number> = {};
  for (const { stage, tokensBefore = 0, tokensAfter = 0, applied } of savings)
    if (applied) stages[stage] = (stages[stage] ?? 0) + tokensBefore - tokensAfter;
  const tokensAfter = savings.at(-1)?.tokensAfter ?? first.tokensBefore;
  return { tokensBefore: first.tokensBefore, tokensAfter, stages };
};

const isShort = (messages: readonly Message[], least: number): boolean => {
  let characters = 0;
  for (const message of messages) {
    characters += measureMessage(message, ({ length }) => length);
    if (characters >= least) return false;
  }
  return true;
};
