import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4ResponseMetadata,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import {
  type FinishReason,
  type JsonObject,
  type ModelEvent,
  ProviderError,
  type Usage,
  type Warning,
} from '@millrace/core/model';
import { carrying, pack } from './carried.js';
import { fromSdkOutputFile } from './files.js';

/** Turns the parts of one answer of the AI SDK into events. */
export interface PartReader {
  /**
   * @throws ProviderError `INTERRUPTED` for an answer that the model itself calls interrupted; and what an error part
   * holds, as it is.
   */
  read(part: LanguageModelV4StreamPart): readonly ModelEvent[];
}

/** Whose answer is read, and what of the request was lost on the way there. */
export interface AnswerContext {
  readonly provider: string;
  readonly model: string;
  readonly losses: readonly Warning[];
}

/** Start reading an answer that arrives in parts. */
export const createPartReader = (context: AnswerContext): PartReader => {
  const nextId = createIds();
  /** Inputs of calls that the vendor runs itself, with the id of the block that stands for each. */
  const vendorInputs = new Map<string, string>();
  /** Inputs whose pieces are no JSON. */
  const textInputs = new Set<string>();

  const readInput = (part: LanguageModelV4StreamPart & { type: `tool-input-${string}` }): ModelEvent[] => {
    const { id, providerMetadata } = part;
    if (part.type === 'tool-input-start' && part.providerExecuted === true) vendorInputs.set(id, nextId());
    const block = vendorInputs.get(id);
    if (block !== undefined) {
      const carried = carrying(undefined, { event: pack(part) });
      if (part.type === 'tool-input-start') return [{ type: 'text-start', id: block, ...carried }];
      if (part.type === 'tool-input-delta') return [{ type: 'text-delta', id: block, delta: '', ...carried }];
      vendorInputs.delete(id);
      return [{ type: 'text-end', id: block, ...carried }];
    }
    switch (part.type) {
      case 'tool-input-start': {
        const { toolName, inputEncoding, dynamic, title } = part;
        if (inputEncoding === 'text') textInputs.add(id);
        else textInputs.delete(id);
        const carried = carrying(providerMetadata, { inputEncoding, dynamic, title });
        return [{ type: 'tool-input-start', id, toolName, ...carried }];
      }
      case 'tool-input-delta': {
        const asText = textInputs.has(id);
        const carried = carrying(providerMetadata, { delta: asText ? part.delta : undefined });
        return [{ type: 'tool-input-delta', id, delta: asText ? '' : part.delta, ...carried }];
      }
      case 'tool-input-end':
        return [{ type: 'tool-input-end', id, ...carrying(providerMetadata) }];
    }
  };

  return {
    read(part) {
      switch (part.type) {
        case 'stream-start':
          return [startEvent(context, part.warnings)];
        case 'response-metadata':
          return [metadataEvent(part)];
        case 'text-start':
        case 'reasoning-start':
        case 'reasoning-end':
          return [{ type: part.type, id: part.id, ...carrying(part.providerMetadata) }];
        case 'text-delta':
        case 'reasoning-delta':
          return [{ type: part.type, id: part.id, delta: part.delta, ...carrying(part.providerMetadata) }];
        case 'text-end': {
          const carried = carrying(part.providerMetadata, { citations: pack(part.citations) });
          return [{ type: 'text-end', id: part.id, ...carried }];
        }
        case 'tool-input-start':
        case 'tool-input-delta':
        case 'tool-input-end':
          return readInput(part);
        case 'finish':
          return [finishEvent(context, part)];
        case 'error':
          throw part.error;
        case 'ping':
        case 'raw':
          return [];
        default:
          return contentEvents(part, nextId);
      }
    },
  };
};

/**
 * The events of an answer that came whole.
 *
 * @throws ProviderError `INTERRUPTED` when the model itself calls it interrupted.
 */
export const readWholeAnswer = (
  result: LanguageModelV4GenerateResult,
  context: AnswerContext,
): readonly ModelEvent[] => {
  const nextId = createIds();
  const { structuredOutputText } = result;
  return [
    startEvent(context, result.warnings),
    ...(result.response === undefined ? [] : [metadataEvent(result.response)]),
    ...result.content.flatMap((part) => contentEvents(part, nextId)),
    finishEvent(context, result, { structuredOutputText }),
  ];
};

/** Ids for blocks that the model gave none, unlike any of its own. */
const createIds = (): (() => string) => {
  let count = 0;
  return () => `ai-sdk-${++count}`;
};

const contentEvents = (part: LanguageModelV4Content, nextId: () => string): ModelEvent[] => {
  const kept = (): ModelEvent[] => {
    const id = nextId();
    // An empty text, so that the answer stays whole as a message too.
    return [
      { type: 'text-start', id, ...carrying(undefined, { content: pack(part) }) },
      { type: 'text-end', id },
    ];
  };
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const id = nextId();
      const extra = part.type === 'text' ? { citations: pack(part.citations) } : {};
      return [
        { type: `${part.type}-start`, id },
        { type: `${part.type}-delta`, id, delta: part.text },
        { type: `${part.type}-end`, id, ...carrying(part.providerMetadata, extra) },
      ];
    }
    case 'file':
      return [fromSdkOutputFile(part)];
    case 'source': {
      if (part.sourceType !== 'url') return kept();
      const { id, url, title, providerMetadata } = part;
      return [
        { type: 'source', id, url, ...(title !== undefined && { title }), ...carrying(providerMetadata) },
      ];
    }
    case 'tool-call': {
      // Whoever runs the tools of an answer must not see a call that the vendor runs itself.
      if (part.providerExecuted === true) return kept();
      const { toolCallId, toolName, input, dynamic, providerMetadata } = part;
      return [{ type: 'tool-call', toolCallId, toolName, input, ...carrying(providerMetadata, { dynamic }) }];
    }
    case 'custom':
      // Says only that the answer begins, and what `response-metadata` says too; it is no part of the answer.
      return part.kind.endsWith('.message_start') ? [] : kept();
    case 'reasoning-file':
    case 'tool-approval-request':
    case 'tool-result':
      return kept();
    default:
      // A later revision of the specification may add parts; what is not known is not guessed at.
      return [];
  }
};

const startEvent = ({ losses }: AnswerContext, warnings: readonly SharedV4Warning[]): ModelEvent => ({
  type: 'stream-start',
  warnings: [...losses, ...warnings.map(readWarning)],
});

const readWarning = (warning: SharedV4Warning): Warning =>
  warning.type === 'deprecated'
    ? { type: 'other', message: `${warning.setting} is deprecated: ${warning.message}` }
    : warning;

const metadataEvent = ({ id, modelId, timestamp }: LanguageModelV4ResponseMetadata): ModelEvent => ({
  type: 'response-metadata',
  ...(id !== undefined && { id }),
  ...(modelId !== undefined && { modelId }),
  ...(timestamp !== undefined && { timestamp: timestamp.getTime() }),
});

/** A cut answer is an error here, never a short answer. */
export const brokenOff = (provider: string, model: string): ProviderError =>
  new ProviderError('INTERRUPTED', `${provider}:${model} broke off before the answer was finished.`, {
    provider,
    model,
  });

interface Ending {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata;
}

const finishEvent = (
  { provider, model }: AnswerContext,
  { finishReason: { unified, raw }, usage, providerMetadata }: Ending,
  extra: JsonObject = {},
): ModelEvent => {
  if (unified === 'interrupted') throw brokenOff(provider, model);
  const finishReason: FinishReason = unified === 'error' ? 'other' : unified;
  return {
    type: 'finish',
    finishReason,
    ...(raw !== undefined && { rawFinishReason: raw }),
    usage: readUsage(usage),
    ...carrying(providerMetadata, { ...extra, finishReason: unified === 'error' ? unified : undefined }),
  };
};

const readUsage = ({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Usage => ({
  inputTokens: { ...inputTokens },
  outputTokens: { ...outputTokens },
  ...(raw !== undefined && { raw }),
  estimated: false,
});
