import { type ModelEvent, ProviderError, type Warning } from '@millrace/core/model';
import {
  asObject,
  createAnswerReader,
  createDeltaTemplate,
  toProviderError,
  type WireCompletion,
} from '../openai-chat/index.js';
import type { Answer } from './send.js';
import type { FailureContext } from './vendor-failure.js';

/** Turns the payloads of one answer into events. */
export interface ChunkReader {
  /**
   * Take payloads, each one JSON text.
   *
   * @throws ProviderError for an error among them, or `INVALID_RESPONSE`; the events before it are kept.
   */
  add(payloads: readonly string[]): void;
  /** No more payloads. See `AnswerReader.end`. */
  end(whole: boolean): void;
  /** The events since the last time. */
  take(): readonly ModelEvent[];
  /** Whether anything was understood. */
  readonly begun: boolean;
}

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
}: ChunkReaderOptions): ChunkReader => {
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
    get begun() {
      return begun;
    },
  };
};

const parse = (payload: string, { provider, model }: FailureContext): WireCompletion => {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null) return asObject<WireCompletion>(value);
  const message = `${provider}:${model} sent something that is not JSON.`;
  throw new ProviderError('INVALID_RESPONSE', message, { provider, model });
};
