import type {
  LanguageModelV4Citation,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import type { ModelEvent, ProviderMetadata } from '@millrace/core/model';
import { asMetadata, carriedIn, unpack } from './carried.js';

type Event<Type> = Extract<ModelEvent, { type: Type }>;

/** A piece of text. That the model declined goes along, so that it can come back. */
export const writeText = (event: Event<`text-${string}`>): LanguageModelV4StreamPart => {
  const { id, providerMetadata } = event;
  const metadata = asMetadata(providerMetadata);
  switch (event.type) {
    case 'text-start': {
      const { refusal } = event;
      if (refusal !== true) return { type: 'text-start', id, ...metadata };
      return {
        type: 'text-start',
        id,
        providerMetadata: { ...metadata.providerMetadata, millrace: { refusal } },
      };
    }
    case 'text-delta':
      return { type: 'text-delta', id, delta: event.delta, ...metadata };
    case 'text-end':
      return { type: 'text-end', id, ...citationsOf(providerMetadata), ...metadata };
  }
};

/** What a text cites, where a model of the AI SDK said so. */
export const citationsOf = (
  metadata: ProviderMetadata | undefined,
): { citations?: LanguageModelV4Citation[] } => {
  const { citations } = carriedIn(metadata);
  return citations === undefined ? {} : { citations: unpack(citations) as LanguageModelV4Citation[] };
};

/** A piece of the input of a tool call. */
export const writeInput = (event: Event<`tool-input-${string}`>): LanguageModelV4StreamPart => {
  const { id, providerMetadata } = event;
  const { delta, ...carried } = carriedIn(providerMetadata);
  const metadata = asMetadata(providerMetadata);
  switch (event.type) {
    case 'tool-input-start':
      // What is carried here are the fields of that name: inputEncoding, dynamic, title.
      return { type: 'tool-input-start', id, toolName: event.toolName, ...carried, ...metadata };
    case 'tool-input-delta':
      return { type: event.type, id, delta: typeof delta === 'string' ? delta : event.delta, ...metadata };
    case 'tool-input-end':
      return { type: 'tool-input-end', id, ...metadata };
  }
};

interface Called {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** A tool call; `input` is the text that the model wrote. */
export const writeToolCall = (
  { toolCallId, toolName, providerMetadata }: Called,
  input: string,
): Extract<LanguageModelV4Content, { type: 'tool-call' }> => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input,
  ...(carriedIn(providerMetadata)['dynamic'] === true && { dynamic: true }),
  ...asMetadata(providerMetadata),
});

/** A source. */
export const writeSource = (source: Event<'source'>): Extract<LanguageModelV4Content, { type: 'source' }> => {
  const { id, url, title, providerMetadata } = source;
  return {
    type: 'source',
    sourceType: 'url',
    id,
    url,
    ...(title !== undefined && { title }),
    ...asMetadata(providerMetadata),
  };
};
