import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type {
  AssistantPart,
  Cost,
  FinishReason,
  JsonObject,
  ModelEvent,
  ProviderMetadata,
  Reply,
  RouteInfo,
  Usage,
  Warning,
} from '@millrace/core/model';
import { asMetadata, carriedIn, unpack } from './carried.js';
import { toSdkOutputFile } from './files.js';
import { citationsOf, writeInput, writeSource, writeText, writeToolCall } from './to-sdk-parts.js';

/** Turns the events of one answer into parts of the AI SDK. */
export interface PartWriter {
  /** `undefined` for an event that the AI SDK has no part for. */
  write(event: ModelEvent): LanguageModelV4StreamPart | undefined;
}

/**
 * Start writing an answer that arrives in parts.
 *
 * @param losses - What of the request was lost on the way to the provider that answers.
 */
export const createPartWriter = (
  losses: (route: RouteInfo | undefined) => readonly Warning[],
): PartWriter => {
  /** Blocks that only stood for something else. */
  const kept = new Set<string>();
  let callId = '';
  let route: RouteInfo | undefined;
  let cache: Reply['cache'];

  return {
    write(event) {
      switch (event.type) {
        case 'stream-start':
          callId = event.callId ?? '';
          route = event.route;
          cache = event.cache;
          return { type: 'stream-start', warnings: [...losses(route), ...event.warnings].map(writeWarning) };
        case 'response-metadata':
          return { type: 'response-metadata', ...writeResponse(event) };
        case 'text-start':
        case 'text-delta':
        case 'text-end': {
          const { event: part, content } = carriedIn(event.providerMetadata);
          if (part !== undefined) return unpack(part) as LanguageModelV4StreamPart;
          if (content === undefined) return kept.has(event.id) ? undefined : writeText(event);
          kept.add(event.id);
          return unpack(content) as LanguageModelV4StreamPart;
        }
        case 'reasoning-start':
        case 'reasoning-end':
          return { type: event.type, id: event.id, ...asMetadata(event.providerMetadata) };
        case 'reasoning-delta':
          return {
            type: event.type,
            id: event.id,
            delta: event.delta,
            ...asMetadata(event.providerMetadata),
          };
        case 'tool-input-start':
        case 'tool-input-delta':
        case 'tool-input-end':
          return writeInput(event);
        case 'tool-call':
          return writeToolCall(event, event.input);
        case 'file':
          return toSdkOutputFile(event);
        case 'source':
          return writeSource(event);
        case 'finish':
          return {
            type: 'finish',
            ...writeFinish(event),
            providerMetadata: withFacts(event.providerMetadata, {
              callId,
              route,
              cache,
              cost: event.cost,
              usage: event.usage,
            }),
          };
      }
    },
  };
};

/** A whole answer, as the AI SDK has it. */
export const writeWholeAnswer = (
  reply: Reply,
  losses: (route: RouteInfo) => readonly Warning[],
): LanguageModelV4GenerateResult => {
  const { id: callId, route, cost, cache, usage } = reply;
  const { structuredOutputText } = carriedIn(reply.providerMetadata);
  return {
    content: reply.content.flatMap((part) => writeContent(part) ?? []),
    ...(typeof structuredOutputText === 'string' && { structuredOutputText }),
    ...writeFinish(reply),
    providerMetadata: withFacts(reply.providerMetadata, { callId, route, cost, cache, usage }),
    response: writeResponse(reply.response),
    warnings: [...losses(route), ...reply.warnings].map(writeWarning),
  };
};

const writeContent = (part: AssistantPart): LanguageModelV4Content | undefined => {
  const carried = carriedIn(part.providerMetadata);
  if (carried['content'] !== undefined) return unpack(carried['content']) as LanguageModelV4Content;
  switch (part.type) {
    case 'text': {
      const refusal = part.refusal === true ? { millrace: { refusal: true } } : undefined;
      return {
        type: 'text',
        text: part.text,
        ...citationsOf(part.providerMetadata),
        ...asMetadata(
          refusal === undefined ? part.providerMetadata : { ...part.providerMetadata, ...refusal },
        ),
      };
    }
    case 'reasoning':
      return { type: 'reasoning', text: part.text, ...asMetadata(part.providerMetadata) };
    case 'tool-call':
      return writeToolCall(part, part.inputText ?? JSON.stringify(part.input));
    case 'file':
      return toSdkOutputFile(part);
    case 'source':
      return writeSource(part);
  }
};

interface Ending {
  readonly finishReason: FinishReason;
  readonly rawFinishReason?: string | undefined;
  readonly usage: Usage;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

const writeFinish = (
  ending: Ending,
): { readonly finishReason: LanguageModelV4FinishReason; readonly usage: LanguageModelV4Usage } => {
  const failed = carriedIn(ending.providerMetadata)['finishReason'] === 'error';
  const { inputTokens, outputTokens, raw } = ending.usage;
  return {
    finishReason: { unified: failed ? 'error' : ending.finishReason, raw: ending.rawFinishReason },
    usage: {
      inputTokens: { ...inputTokens },
      outputTokens: { ...outputTokens },
      ...(raw !== undefined && { raw }),
    },
  };
};

interface Facts {
  readonly callId: string;
  readonly route: RouteInfo | undefined;
  readonly cost: Cost | undefined;
  readonly cache: Reply['cache'];
  readonly usage: Usage;
}

/** The vendor's metadata, and what the gateway knows of the call. */
const withFacts = (
  metadata: ProviderMetadata | undefined,
  { callId, route, cost, cache, usage: { estimated } }: Facts,
): Record<string, JsonObject> => ({
  ...asMetadata(metadata).providerMetadata,
  millrace: {
    callId,
    ...(route !== undefined && { route: { ...route } }),
    ...(cost !== undefined && { cost: { ...cost } }),
    ...(cache !== undefined && { cache }),
    estimated,
  },
});

const writeResponse = ({
  id,
  modelId,
  timestamp,
}: {
  readonly id?: string | undefined;
  readonly modelId?: string | undefined;
  readonly timestamp?: number | undefined;
}): { id?: string; modelId?: string; timestamp?: Date } => ({
  ...(id !== undefined && { id }),
  ...(modelId !== undefined && { modelId }),
  ...(timestamp !== undefined && { timestamp: new Date(timestamp) }),
});

/** A warning of ours, as the AI SDK has it. */
export const writeWarning = (warning: Warning): LanguageModelV4GenerateResult['warnings'][number] => {
  if (warning.type === 'other') return warning;
  const { type, feature, details } = warning;
  return { type, feature, ...(details !== undefined && { details }) };
};
