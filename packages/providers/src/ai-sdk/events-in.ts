import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
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
import { asJson, metadataIn } from './bridge-metadata.js';
import { fileIn, mediaTypeIn } from './files.js';
import { block } from './prompt-in.js';

/** Turns what a model of the AI SDK gives into events. */
export interface EventsIn {
  /** One part of a stream. An `error` part is thrown as it is. */
  part(part: LanguageModelV4StreamPart): readonly ModelEvent[];
  /** A whole answer. */
  whole(result: LanguageModelV4GenerateResult): readonly ModelEvent[];
  /** Whether the answer has ended well. */
  readonly finished: boolean;
}

/** Start reading. `warnings` are what the bridge itself could not pass on. */
export const createEventsIn = (
  warnings: readonly Warning[],
  where: { readonly provider: string; readonly model: string },
): EventsIn => {
  let blocks = 0;
  let started = false;
  let finished = false;
  /** Calls that the vendor runs itself: nobody here has to. */
  const own = new Set<string>();

  const start = (more: readonly SharedV4Warning[]): ModelEvent[] => {
    if (started) return [];
    started = true;
    return [{ type: 'stream-start', warnings: [...warnings, ...more.map(warningIn)] }];
  };
  /** What we have no event for, as an empty block of text. */
  const asBlock = (options: unknown, kind: string, value: unknown): ModelEvent[] => {
    const id = `block-${++blocks}`;
    const { providerMetadata } = block(options, kind, value);
    return [
      { type: 'text-start', id },
      { type: 'text-end', id, ...(providerMetadata !== undefined && { providerMetadata }) },
    ];
  };
  const finish = (
    reason: LanguageModelV4FinishReason,
    usage: LanguageModelV4Usage,
    metadata: unknown,
  ): ModelEvent[] => {
    if (reason.unified === 'interrupted') {
      const message = `${where.provider}:${where.model} broke off before the answer was finished.`;
      throw new ProviderError('INTERRUPTED', message, where);
    }
    finished = true;
    return [
      {
        type: 'finish',
        finishReason: finishReasonIn(reason),
        rawFinishReason: reason.raw ?? reason.unified,
        usage: usageIn(usage),
        ...metadataIn(metadata),
      },
    ];
  };

  const single = (part: LanguageModelV4Content | LanguageModelV4StreamPart): readonly ModelEvent[] => {
    switch (part.type) {
      case 'tool-call': {
        const { toolCallId, toolName, input } = part;
        if (part.providerExecuted === true)
          return asBlock(part.providerMetadata, 'tool-call', { toolCallId, toolName, input: parsed(input) });
        return [{ type: 'tool-call', toolCallId, toolName, input, ...metadataIn(part.providerMetadata) }];
      }
      case 'tool-result': {
        const { toolCallId, toolName, result, isError } = part;
        const output = { type: isError === true ? 'error-json' : 'json', value: result };
        return asBlock(part.providerMetadata, 'tool-result', { toolCallId, toolName, output });
      }
      case 'tool-approval-request':
        return asBlock(part.providerMetadata, 'tool-approval-request', {
          approvalId: part.approvalId,
          toolCallId: part.toolCallId,
        });
      case 'custom':
        // Only tells that the answer begins, and what `response-metadata` says too; it is no part of it.
        if (part.kind.endsWith('.message_start')) return [];
        return asBlock(part.providerMetadata, 'custom', { kind: part.kind });
      case 'file':
      case 'reasoning-file':
        return [
          {
            type: 'file',
            mediaType: mediaTypeIn(part.mediaType),
            data: fileIn(part.data),
            ...metadataIn(part.providerMetadata, part.type === 'file' ? undefined : { kind: part.type }),
          },
        ];
      case 'source': {
        const { id, title } = part;
        if (part.sourceType === 'document') return asBlock(part.providerMetadata, 'document-source', part);
        const { url } = part;
        return [
          {
            type: 'source',
            id,
            url,
            ...(title !== undefined && { title }),
            ...metadataIn(part.providerMetadata),
          },
        ];
      }
      default:
        return [];
    }
  };

  return {
    part(part) {
      switch (part.type) {
        case 'stream-start':
          return start(part.warnings);
        case 'error':
          throw part.error;
        case 'raw':
        case 'ping':
          return [];
        case 'response-metadata':
          return [...start([]), metadataEvent(part)];
        case 'finish':
          return [...start([]), ...finish(part.finishReason, part.usage, part.providerMetadata)];
        case 'text-start':
        case 'reasoning-start':
        case 'reasoning-end':
          return [...start([]), { type: part.type, id: part.id, ...metadataIn(part.providerMetadata) }];
        case 'text-end': {
          const citations = part.citations === undefined ? undefined : { citations: asJson(part.citations) };
          return [{ type: 'text-end', id: part.id, ...metadataIn(part.providerMetadata, citations) }];
        }
        case 'text-delta':
        case 'reasoning-delta': {
          const { type, id, delta } = part;
          return [{ type, id, delta, ...metadataIn(part.providerMetadata) }];
        }
        case 'tool-input-start':
          if (part.providerExecuted === true) {
            own.add(part.id);
            return start([]);
          }
          return [
            ...start([]),
            { type: part.type, id: part.id, toolName: part.toolName, ...metadataIn(part.providerMetadata) },
          ];
        case 'tool-input-delta':
          if (own.has(part.id)) return [];
          return [{ type: part.type, id: part.id, delta: part.delta, ...metadataIn(part.providerMetadata) }];
        case 'tool-input-end':
          return own.has(part.id)
            ? []
            : [{ type: part.type, id: part.id, ...metadataIn(part.providerMetadata) }];
        default:
          return [...start([]), ...single(part)];
      }
    },
    whole(result) {
      const events = start(result.warnings);
      if (result.response !== undefined) events.push(metadataEvent(result.response));
      for (const part of result.content) {
        if (part.type === 'text' || part.type === 'reasoning') {
          const id = `${part.type}-${++blocks}`;
          const metadata = metadataIn(part.providerMetadata);
          const end = { type: `${part.type}-end`, id, ...metadata } as ModelEvent;
          events.push({ type: `${part.type}-start`, id } as ModelEvent);
          if (part.text !== '')
            events.push({ type: `${part.type}-delta`, id, delta: part.text } as ModelEvent);
          events.push(end);
        } else events.push(...single(part));
      }
      return [...events, ...finish(result.finishReason, result.usage, result.providerMetadata)];
    },
    get finished() {
      return finished;
    },
  };
};

const parsed = (input: string): unknown => {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
};

const metadataEvent = (part: {
  readonly id?: string;
  readonly modelId?: string;
  readonly timestamp?: Date;
}): ModelEvent => ({
  type: 'response-metadata',
  id: part.id,
  modelId: part.modelId,
  timestamp: part.timestamp?.getTime(),
});

const warningIn = (warning: SharedV4Warning): Warning =>
  warning.type === 'deprecated'
    ? { type: 'other', message: `${warning.setting}: ${warning.message}` }
    : warning;

const finishReasonIn = ({ unified }: LanguageModelV4FinishReason): FinishReason =>
  unified === 'error' || unified === 'interrupted' ? 'other' : unified;

const usageIn = ({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Usage => ({
  inputTokens,
  outputTokens,
  ...(raw !== undefined && { raw: raw as JsonObject }),
  estimated: false,
});
