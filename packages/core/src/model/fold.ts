import type { Cost } from './cost.js';
import { MillraceError } from './errors/millrace-error.js';
import type { AssistantPart, ReasoningPart, TextPart, ToolCallPart } from './message.js';
import type { FinishEvent, ModelEvent, RouteInfo } from './model-event.js';
import type { ProviderMetadata } from './provider-metadata.js';
import type { Reply } from './reply.js';
import type { Warning } from './warning.js';

/** Gathers events into a reply. */
export interface Fold {
  add(event: ModelEvent): void;
  /**
   * The whole answer.
   *
   * @throws MillraceError `INTERRUPTED` when no `finish` event has come.
   */
  reply(): Reply;
}

const NO_ROUTE: RouteInfo = { provider: 'unknown', model: 'unknown', reason: 'not routed' };
const NO_COST: Cost = { tokensIn: 0, tokensOut: 0, costUsd: null, estimated: false };

/** A text or reasoning block that is still growing. */
interface OpenBlock {
  readonly type: 'text' | 'reasoning';
  readonly refusal?: true | undefined;
  /** Its place in the content, so that blocks which overlap keep the order in which they began. */
  readonly index: number;
  text: string;
  providerMetadata: ProviderMetadata | undefined;
}

/** Start gathering the events of one answer. */
export const createFold = (): Fold => {
  const parts: (AssistantPart | undefined)[] = [];
  /** A text and a reasoning block may share an id. */
  const open: Record<OpenBlock['type'], Map<string, OpenBlock> | undefined> = {
    text: undefined,
    reasoning: undefined,
  };
  let warnings: readonly Warning[] = [];
  let callId = '';
  let route = NO_ROUTE;
  let cache: Reply['cache'];
  let tokensSaved: number | undefined;
  let responseId: string | undefined;
  let modelId: string | undefined;
  let timestamp: number | undefined;
  let finish: FinishEvent | undefined;

  const end = (type: OpenBlock['type'], id: string, metadata?: ProviderMetadata): void => {
    const block = open[type]?.get(id);
    if (block === undefined) return;
    open[type]?.delete(id);
    parts[block.index] = blockPart(block, metadata);
  };
  const begin = (type: OpenBlock['type'], id: string, block: Partial<Omit<OpenBlock, 'type'>>): OpenBlock => {
    end(type, id);
    const { refusal, providerMetadata } = block;
    const opened: OpenBlock = { type, refusal, index: parts.length, text: '', providerMetadata };
    open[type] ??= new Map();
    open[type].set(id, opened);
    parts.push(undefined);
    return opened;
  };
  const grow = (type: OpenBlock['type'], id: string, delta: string, metadata?: ProviderMetadata): void => {
    // A delta without a start is a mistake of the provider's; what the model said is kept all the same.
    const block = open[type]?.get(id) ?? begin(type, id, {});
    block.text += delta;
    block.providerMetadata = mergeMetadata(block.providerMetadata, metadata);
  };

  return {
    add(event) {
      switch (event.type) {
        case 'stream-start':
          warnings = event.warnings;
          callId = event.callId ?? callId;
          route = event.route ?? route;
          cache = event.cache;
          tokensSaved = event.tokensSaved;
          return;
        case 'response-metadata':
          responseId = event.id ?? responseId;
          modelId = event.modelId ?? modelId;
          timestamp = event.timestamp ?? timestamp;
          return;
        case 'text-start':
          return void begin('text', event.id, event);
        case 'reasoning-start':
          return void begin('reasoning', event.id, event);
        case 'text-delta':
          return grow('text', event.id, event.delta, event.providerMetadata);
        case 'reasoning-delta':
          return grow('reasoning', event.id, event.delta, event.providerMetadata);
        case 'text-end':
          return end('text', event.id, event.providerMetadata);
        case 'reasoning-end':
          return end('reasoning', event.id, event.providerMetadata);
        case 'tool-call':
          parts.push(toolCallPart(event));
          return;
        case 'file':
        case 'source':
          parts.push(event);
          return;
        case 'finish':
          finish = event;
          return;
        default:
          return;
      }
    },
    reply() {
      if (finish === undefined) {
        throw new MillraceError('INTERRUPTED', 'The answer broke off before it was finished.');
      }
      for (const type of ['text', 'reasoning'] as const)
        for (const id of [...(open[type]?.keys() ?? [])]) end(type, id);
      const content = parts.filter((part) => part !== undefined);
      const toolCalls = content.filter((part): part is ToolCallPart => part.type === 'tool-call');
      return {
        id: callId,
        content,
        text: joined(content, (part) => part.type === 'text' && part.refusal !== true),
        reasoning: joined(content, (part) => part.type === 'reasoning'),
        refusal: joined(content, (part) => part.type === 'text' && part.refusal === true) || undefined,
        toolCalls,
        finishReason: finish.finishReason,
        rawFinishReason: finish.rawFinishReason,
        usage: finish.usage,
        cost: finish.cost ?? NO_COST,
        warnings,
        route,
        cache,
        tokensSaved,
        response: { id: responseId, modelId: modelId ?? route.model, timestamp },
        message: { role: 'assistant', content },
        providerMetadata: finish.providerMetadata,
      };
    },
  };
};

/** Later entries win, key by key within a provider. */
const mergeMetadata = (
  first: ProviderMetadata | undefined,
  second: ProviderMetadata | undefined,
): ProviderMetadata | undefined => {
  if (first === undefined || second === undefined) return first ?? second;
  const merged: Record<string, ProviderMetadata[string]> = { ...first };
  for (const [provider, values] of Object.entries(second))
    merged[provider] = { ...merged[provider], ...values };
  return merged;
};

const blockPart = (block: OpenBlock, metadata: ProviderMetadata | undefined): TextPart | ReasoningPart => {
  const providerMetadata = mergeMetadata(block.providerMetadata, metadata);
  return {
    type: block.type,
    text: block.text,
    ...(block.type === 'text' && block.refusal === true && { refusal: true }),
    ...(providerMetadata !== undefined && { providerMetadata }),
  };
};

/**
 * Parse the arguments, and keep the text: a vendor's prompt cache wants it back byte for byte. No text at all is how
 * some vendors write a call without arguments.
 */
const toolCallPart = (event: ModelEvent & { type: 'tool-call' }): ToolCallPart => {
  const { toolCallId, toolName, input: inputText, providerMetadata } = event;
  const common = {
    type: 'tool-call',
    toolCallId,
    toolName,
    inputText,
    ...(providerMetadata && { providerMetadata }),
  } as const;
  try {
    return { ...common, input: JSON.parse(inputText.trim() === '' ? '{}' : inputText) as unknown };
  } catch {
    return { ...common, input: inputText, invalid: true };
  }
};

const joined = (content: readonly AssistantPart[], accept: (part: AssistantPart) => boolean): string => {
  let text = '';
  for (const part of content) if (accept(part) && 'text' in part) text += part.text;
  return text;
};
