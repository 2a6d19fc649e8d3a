import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type {
  AssistantPart,
  JsonObject,
  ModelEvent,
  ProviderMetadata,
  Reply,
  RouteInfo,
  Usage,
  Warning,
} from '@millrace/core/model';
import { bridged, metadataOut } from './bridge-metadata.js';
import { fileOut } from './files.js';
import { BLOCK } from './prompt-in.js';

const metadata = (value: ProviderMetadata | undefined) => {
  const providerMetadata = metadataOut(value);
  return providerMetadata === undefined ? {} : { providerMetadata: providerMetadata as never };
};

/** What the gateway has to say of an answer, under `providerMetadata.millrace`. */
interface GatewayFacts {
  readonly callId: string;
  readonly route: RouteInfo | undefined;
  readonly cache: 'hit' | 'joined' | undefined;
  readonly cost: unknown;
  readonly estimated: boolean;
}

const facts = (own: ProviderMetadata | undefined, given: GatewayFacts) => ({
  providerMetadata: { ...metadataOut(own), millrace: JSON.parse(JSON.stringify(given)) as never },
});

const usageOut = ({ inputTokens, outputTokens, raw }: Usage): LanguageModelV4Usage => ({
  inputTokens: { ...inputTokens },
  outputTokens: { ...outputTokens },
  ...(raw !== undefined && { raw: raw as never }),
});

const warningsOut = (warnings: readonly Warning[]): SharedV4Warning[] =>
  warnings.map((warning) => JSON.parse(JSON.stringify(warning)) as SharedV4Warning);

/** What an empty part stands for, as the content that it was. */
const blockOut = (value: ProviderMetadata | undefined): LanguageModelV4Content[] => {
  const own = metadata(value);
  const { kind, value: what } = bridged(value) ?? {};
  const given = what as JsonObject | undefined;
  switch (kind) {
    case 'custom':
      return [{ type: 'custom', kind: given?.['kind'] as `${string}.${string}`, ...own }];
    case 'tool-call':
      return [
        {
          type: 'tool-call',
          toolCallId: String(given?.['toolCallId']),
          toolName: String(given?.['toolName']),
          input: JSON.stringify(given?.['input'] ?? {}),
          providerExecuted: true,
          ...own,
        },
      ];
    case 'tool-result': {
      const output = given?.['output'] as JsonObject | undefined;
      return [
        {
          type: 'tool-result',
          toolCallId: String(given?.['toolCallId']),
          toolName: String(given?.['toolName']),
          result: (output?.['value'] ?? '') as never,
          ...(output?.['type'] === 'error-json' && { isError: true }),
          ...own,
        },
      ];
    }
    case 'tool-approval-request':
    case 'document-source':
      return [
        {
          ...(given as never as LanguageModelV4Content),
          ...own,
          ...(kind === 'tool-approval-request' && { type: kind }),
        } as LanguageModelV4Content,
      ];
    default:
      return value === undefined ? [] : [{ type: 'custom', kind: BLOCK, ...own }];
  }
};

const contentOut = (part: AssistantPart): LanguageModelV4Content[] => {
  const own = metadata(part.providerMetadata);
  switch (part.type) {
    case 'text':
      if (part.text === '') return blockOut(part.providerMetadata);
      return [{ type: 'text', text: part.text, ...own }];
    case 'reasoning':
      return [{ type: 'reasoning', text: part.text, ...own }];
    case 'file':
      return fileContent(part);
    case 'source':
      return [sourceOut(part)];
    case 'tool-call': {
      const { toolCallId, toolName, inputText, input } = part;
      return [
        { type: 'tool-call', toolCallId, toolName, input: inputText ?? JSON.stringify(input ?? {}), ...own },
      ];
    }
  }
};

const fileContent = (part: Extract<AssistantPart, { type: 'file' }>): LanguageModelV4Content[] => {
  const data = fileOut(part.data);
  // A vendor's own reference is of no use to others.
  if (data.type === 'reference') return [];
  const type = bridged(part.providerMetadata)?.['kind'] === 'reasoning-file' ? 'reasoning-file' : 'file';
  return [{ type, mediaType: part.mediaType, data, ...metadata(part.providerMetadata) }];
};

const sourceOut = (part: Extract<AssistantPart, { type: 'source' }>): LanguageModelV4Content => ({
  type: 'source',
  sourceType: 'url',
  id: part.id,
  url: part.url,
  ...(part.title !== undefined && { title: part.title }),
  ...metadata(part.providerMetadata),
});

const timestampOut = (timestamp: number | undefined) =>
  timestamp === undefined ? {} : { timestamp: new Date(timestamp) };

/** A reply as the result of `doGenerate`. */
export const resultOut = (reply: Reply, warnings: readonly Warning[]): LanguageModelV4GenerateResult => {
  const { id, modelId, timestamp } = reply.response;
  return {
    content: reply.content.flatMap(contentOut),
    finishReason: { unified: reply.finishReason, raw: reply.rawFinishReason },
    usage: usageOut(reply.usage),
    warnings: warningsOut([...warnings, ...reply.warnings]),
    response: { ...(id !== undefined && { id }), modelId, ...timestampOut(timestamp) },
    ...facts(reply.providerMetadata, {
      callId: reply.id,
      route: reply.route,
      cache: reply.cache,
      cost: reply.cost,
      estimated: reply.usage.estimated,
    }),
  };
};

/** Turns the events of a call into parts of a stream. */
export const createEventsOut = (warnings: readonly Warning[]) => {
  let callId = '';
  let route: RouteInfo | undefined;
  let cache: 'hit' | 'joined' | undefined;
  /** Blocks of text that have begun, but of which nothing was told yet: they may turn out to hold none. */
  const silent = new Map<string, Extract<ModelEvent, { type: 'text-start' }>>();

  return (event: ModelEvent): readonly LanguageModelV4StreamPart[] => {
    switch (event.type) {
      case 'stream-start':
        callId = event.callId ?? '';
        route = event.route;
        cache = event.cache;
        return [{ type: 'stream-start', warnings: warningsOut([...warnings, ...event.warnings]) }];
      case 'response-metadata': {
        const { id, modelId, timestamp } = event;
        return [
          {
            type: 'response-metadata',
            ...(id !== undefined && { id }),
            ...(modelId !== undefined && { modelId }),
            ...timestampOut(timestamp),
          },
        ];
      }
      case 'text-start':
        silent.set(event.id, event);
        return [];
      case 'text-delta': {
        const { id, delta } = event;
        const begun = silent.get(id);
        silent.delete(id);
        const part: LanguageModelV4StreamPart = {
          type: 'text-delta',
          id,
          delta,
          ...metadata(event.providerMetadata),
        };
        return begun === undefined ? [part] : [textStart(begun), part];
      }
      case 'text-end': {
        const begun = silent.get(event.id);
        silent.delete(event.id);
        const own = metadata(event.providerMetadata);
        if (begun !== undefined) {
          const blocks = blockOut(event.providerMetadata ?? begun.providerMetadata);
          return blocks.length > 0
            ? (blocks as LanguageModelV4StreamPart[])
            : [textStart(begun), { type: 'text-end', id: event.id }];
        }
        const citations = bridged(event.providerMetadata)?.['citations'];
        return [
          {
            type: 'text-end',
            id: event.id,
            ...(citations !== undefined && { citations: citations as never }),
            ...own,
          },
        ];
      }
      case 'reasoning-start':
      case 'reasoning-end':
      case 'tool-input-end':
        return [{ type: event.type, id: event.id, ...metadata(event.providerMetadata) }];
      case 'reasoning-delta':
      case 'tool-input-delta':
        return [{ type: event.type, id: event.id, delta: event.delta, ...metadata(event.providerMetadata) }];
      case 'tool-input-start': {
        const { type, id, toolName } = event;
        return [{ type, id, toolName, ...metadata(event.providerMetadata) }];
      }
      case 'tool-call': {
        const { type, toolCallId, toolName, input } = event;
        return [{ type, toolCallId, toolName, input, ...metadata(event.providerMetadata) }];
      }
      case 'file':
        return fileContent(event) as LanguageModelV4StreamPart[];
      case 'source':
        return [sourceOut(event) as LanguageModelV4StreamPart];
      case 'finish': {
        const { finishReason, rawFinishReason, usage, cost } = event;
        return [
          {
            type: 'finish',
            finishReason: { unified: finishReason, raw: rawFinishReason },
            usage: usageOut(usage),
            ...facts(event.providerMetadata, { callId, route, cache, cost, estimated: usage.estimated }),
          },
        ];
      }
    }
  };
};

const textStart = ({
  id,
  providerMetadata,
}: Extract<ModelEvent, { type: 'text-start' }>): LanguageModelV4StreamPart => ({
  type: 'text-start',
  id,
  ...metadata(providerMetadata),
});
