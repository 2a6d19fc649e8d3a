import { type ModelEvent, ProviderError, type Warning } from '@millrace/core/model';
import { createAnswerReader, createDeltaTemplate, type WireCompletion } from '../openai-chat/index.js';
import {
  type Answer,
  type AnswerReader,
  type FailureContext,
  isObject,
  parseJson,
  toProviderError,
} from '../transport/index.js';

/** How to read. */
export interface ChunkReaderOptions {
  readonly failure: FailureContext & { readonly model: string };
  readonly header: Answer['header'];
  readonly warnings: readonly Warning[];
  readonly reasoningTag: string | undefined;
}

/** Start reading. */
export const createChunkReader = ({
  failure,
  header,
  warnings,
  reasoningTag,
}: ChunkReaderOptions): AnswerReader => {
  const { provider, model } = failure;
  const reader = createAnswerReader({ provider, model, reasoningTag });
  const template = createDeltaTemplate();
  let events: ModelEvent[] = [];
  let begun = false;

  const addOne = (payload: string): void => {
    const text = template.match(payload);
    if (text !== undefined) return reader.addText(text, events);
    const completion = parse(payload, failure);
    const { error } = completion;
    if (error !== undefined && error !== null) throw toProviderError({ ...failure, error, header });
    if (!begun) events.push({ type: 'stream-start', warnings });
    begun = true;
    reader.add(completion, events);
    template.learn(payload, completion);
  };

  return {
    add(payloads) {
      for (const payload of payloads) addOne(payload);
    },
    end: (whole) => reader.end(events, whole),
    take() {
      const taken = events;
      events = [];
      return taken;
    },
    hasBegun: () => begun,
  };
};

const parse = (payload: string, { provider, model }: FailureContext): WireCompletion => {
  const value = parseJson(payload);
  if (isObject(value)) return value;
  const message = `${provider}:${model} sent something that is not JSON.`;
  throw new ProviderError('INVALID_RESPONSE', message, { provider, model });
};
