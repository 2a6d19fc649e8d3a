import {
  type JsonObject,
  type ModelEvent,
  ProviderError,
  type ProviderMetadata,
  type Warning,
} from '@millrace/core/model';
import {
  type Answer,
  type AnswerReader,
  asList,
  asObject,
  asText,
  type FailureContext,
  isObject,
  parseJson,
  toProviderError,
} from '../transport/index.js';
import { toFinishReason } from './finish-reason.js';
import { readUsage } from './read-usage.js';

/** How to read. */
export interface AnswerReaderOptions {
  readonly failure: Omit<FailureContext, 'signal'> & { readonly model: string };
  readonly header: Answer['header'];
  readonly warnings: readonly Warning[];
  /** The tool whose arguments are the answer in JSON. */
  readonly jsonTool: string | undefined;
}

/** What we read of the vendor's events and messages. Every field may be missing or of another type. */
interface WireEvent {
  readonly type?: unknown;
  readonly message?: unknown;
  readonly index?: unknown;
  readonly content_block?: unknown;
  readonly delta?: unknown;
  readonly usage?: unknown;
  readonly error?: unknown;
}

interface WireBlock extends JsonObject {
  readonly type?: string;
}

interface WireMessage {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly content?: unknown;
  readonly usage?: unknown;
  readonly stop_reason?: unknown;
  readonly stop_details?: unknown;
  readonly container?: unknown;
  readonly context_management?: unknown;
}

type OpenBlock =
  | { readonly kind: 'text'; readonly id: string; citations: JsonObject[] }
  | { readonly kind: 'json'; readonly id: string; any: boolean }
  | { readonly kind: 'thinking'; readonly id: string; signature: string }
  | { readonly kind: 'tool'; readonly id: string; readonly name: string; input: string }
  /** Something of the vendor's own, kept to be sent back as it came. */
  | { readonly kind: 'raw'; readonly id: string; readonly block: JsonObject; input: string };

/** Start reading an answer of the Messages endpoint, as a stream of events or as one message. */
export const createAnswerReader = (options: AnswerReaderOptions): AnswerReader => {
  const { failure, header, warnings, jsonTool } = options;
  const { provider, model } = failure;
  const open = new Map<number, OpenBlock>();
  let events: ModelEvent[] = [];
  let begun = false;
  let blocks = 0;
  let sources = 0;
  let toolCalls = 0;
  let usage: JsonObject | undefined;
  let rawFinishReason: string | undefined;
  let facts: JsonObject = {};
  let complete = false;

  const own = (values: JsonObject): ProviderMetadata => ({ [provider]: values });
  const invalid = (what: string): ProviderError =>
    new ProviderError('INVALID_RESPONSE', `${provider}:${model} ${what}`, { provider, model });

  const begin = (): void => {
    if (begun) return;
    begun = true;
    events.push({ type: 'stream-start', warnings });
  };

  const describe = (message: WireMessage): void => {
    const id = asText(message.id);
    const modelId = asText(message.model);
    if (id === undefined && modelId === undefined) return;
    const { inputTokens } = readUsage(isObject(message.usage) ? message.usage : undefined);
    // Servers that do not count before the end say 0 here.
    const isCounted = (inputTokens.total ?? 0) > 0;
    events.push({ type: 'response-metadata', id, modelId, ...(isCounted && { inputTokens }) });
  };

  /** Counts are cumulative: the last that came of each counts, and none is added up. */
  const takeUsage = (value: unknown): void => {
    if (!isObject(value)) return;
    const given = Object.entries(value).filter(([, count]) => count !== null && count !== undefined);
    usage = { ...usage, ...Object.fromEntries(given) };
  };

  const takeEnd = (message: WireMessage): void => {
    rawFinishReason = asText(message.stop_reason) ?? rawFinishReason;
    const { stop_details: stopDetails, container, context_management: contextManagement } = message;
    facts = {
      ...facts,
      ...(isObject(stopDetails) && { stopDetails }),
      ...(isObject(container) && { container }),
      ...(isObject(contextManagement) && { contextManagement }),
    };
  };

  const startBlock = (index: number, block: WireBlock): void => {
    const number = ++blocks;
    switch (block.type) {
      case 'text': {
        const id = `text-${number}`;
        events.push({ type: 'text-start', id });
        open.set(index, { kind: 'text', id, citations: [] });
        growText(index, asText(block['text']));
        for (const citation of asList(block['citations'])) cite(index, asObject<JsonObject>(citation));
        return;
      }
      case 'thinking': {
        const id = `reasoning-${number}`;
        events.push({ type: 'reasoning-start', id });
        open.set(index, { kind: 'thinking', id, signature: asText(block['signature']) ?? '' });
        think(index, asText(block['thinking']));
        return;
      }
      case 'redacted_thinking': {
        const id = `reasoning-${number}`;
        const providerMetadata = own({ redactedData: asText(block['data']) ?? '' });
        events.push({ type: 'reasoning-start', id, providerMetadata }, { type: 'reasoning-end', id });
        return;
      }
      case 'tool_use':
        return startTool(index, block, number);
      case 'fallback': {
        // Another model goes on: it is the one to be paid.
        const served = asText(asObject<{ model?: unknown }>(block['to']).model);
        if (served !== undefined) events.push({ type: 'response-metadata', modelId: served });
        open.set(index, { kind: 'raw', id: `block-${number}`, block, input: '' });
        return;
      }
      default:
        if (block.type !== undefined)
          open.set(index, { kind: 'raw', id: `block-${number}`, block, input: '' });
    }
  };

  const startTool = (index: number, block: WireBlock, number: number): void => {
    const name = asText(block['name']);
    if (name === undefined) throw invalid('called a tool without a name.');
    // A whole message, and some calls of a stream, bring their arguments at once.
    const given = block['input'];
    const whole = isObject(given) && Object.keys(given).length > 0 ? JSON.stringify(given) : '';
    if (name === jsonTool) {
      const id = `text-${number}`;
      events.push({ type: 'text-start', id });
      open.set(index, { kind: 'json', id, any: false });
      growInput(index, whole);
      return;
    }
    const id = asText(block['id']) ?? `call_${number}`;
    toolCalls += 1;
    events.push({ type: 'tool-input-start', id, toolName: name });
    open.set(index, { kind: 'tool', id, name, input: '' });
    growInput(index, whole);
  };

  const growText = (index: number, delta: string | undefined): void => {
    const block = open.get(index);
    if (delta === undefined || block?.kind !== 'text') return;
    events.push({ type: 'text-delta', id: block.id, delta });
  };

  const think = (index: number, delta: string | undefined): void => {
    const block = open.get(index);
    if (delta === undefined || block?.kind !== 'thinking') return;
    events.push({ type: 'reasoning-delta', id: block.id, delta });
  };

  const growInput = (index: number, delta: string): void => {
    const block = open.get(index);
    if (delta === '' || block === undefined) return;
    if (block.kind === 'json') {
      block.any = true;
      events.push({ type: 'text-delta', id: block.id, delta });
    } else if (block.kind === 'tool') {
      block.input += delta;
      events.push({ type: 'tool-input-delta', id: block.id, delta });
    } else if (block.kind === 'raw') block.input += delta;
  };

  const cite = (index: number, citation: JsonObject): void => {
    const block = open.get(index);
    if (block?.kind === 'text') block.citations.push(citation);
    const url = asText(citation['url']);
    if (url === undefined) return;
    const title = asText(citation['title']);
    events.push({ type: 'source', id: `source-${++sources}`, url, title });
  };

  const grow = (index: number, delta: WireBlock): void => {
    switch (delta.type) {
      case 'text_delta':
        return growText(index, asText(delta['text']));
      case 'thinking_delta':
        return think(index, asText(delta['thinking']));
      case 'signature_delta': {
        const block = open.get(index);
        if (block?.kind === 'thinking') block.signature += asText(delta['signature']) ?? '';
        return;
      }
      case 'input_json_delta':
        return growInput(index, asText(delta['partial_json']) ?? '');
      case 'citations_delta':
        return cite(index, asObject<JsonObject>(delta['citation']));
      case 'compaction_delta': {
        const block = open.get(index);
        if (block?.kind === 'raw') block.input += asText(delta['content']) ?? '';
        return;
      }
      default:
        return;
    }
  };

  const endBlock = (index: number): void => {
    const block = open.get(index);
    if (block === undefined) return;
    open.delete(index);
    switch (block.kind) {
      case 'text': {
        const { citations, id } = block;
        const metadata = citations.length > 0 && { providerMetadata: own({ citations }) };
        events.push({ type: 'text-end', id, ...metadata });
        return;
      }
      case 'json':
        if (!block.any) events.push({ type: 'text-delta', id: block.id, delta: '{}' });
        events.push({ type: 'text-end', id: block.id });
        return;
      case 'thinking': {
        const { signature, id } = block;
        const metadata = signature !== '' && { providerMetadata: own({ signature }) };
        events.push({ type: 'reasoning-end', id, ...metadata });
        return;
      }
      case 'tool': {
        const { id, name, input } = block;
        events.push(
          { type: 'tool-input-end', id },
          { type: 'tool-call', toolCallId: id, toolName: name, input: input === '' ? '{}' : input },
        );
        return;
      }
      case 'raw':
        events.push(
          { type: 'text-start', id: block.id, providerMetadata: own({ block: completeRaw(block) }) },
          { type: 'text-end', id: block.id },
        );
    }
  };

  const takeWhole = (message: WireMessage): void => {
    begin();
    describe(message);
    for (const [index, block] of asList(message.content).entries()) {
      startBlock(index, asObject<WireBlock>(block));
      endBlock(index);
    }
    takeUsage(message.usage);
    takeEnd(message);
    complete = true;
  };

  const take = (event: WireEvent): void => {
    const index = typeof event.index === 'number' ? event.index : 0;
    switch (event.type) {
      case 'message':
        return takeWhole(event as WireMessage);
      case 'message_start': {
        const message = asObject<WireMessage>(event.message);
        // Some servers send it twice.
        if (!begun) {
          begin();
          describe(message);
        }
        takeUsage(message.usage);
        for (const [place, block] of asList(message.content).entries()) {
          startBlock(-1 - place, asObject<WireBlock>(block));
          endBlock(-1 - place);
        }
        return;
      }
      case 'content_block_start':
        begin();
        endBlock(index);
        return startBlock(index, asObject<WireBlock>(event.content_block));
      case 'content_block_delta':
        return grow(index, asObject<WireBlock>(event.delta));
      case 'content_block_stop':
        return endBlock(index);
      case 'message_delta':
        takeUsage(event.usage);
        takeEnd({ ...asObject<WireMessage>(event.delta), ...pick(event) });
        return;
      case 'message_stop':
        complete = true;
        return;
      case 'error':
        throw toProviderError({ ...failure, error: event.error, header });
      default:
        if (event.error !== undefined && event.type === undefined)
          throw toProviderError({ ...failure, error: event.error, header });
    }
  };

  return {
    add(payloads) {
      for (const payload of payloads) {
        const event = parseJson(payload);
        if (!isObject(event)) throw invalid('sent something that is not JSON.');
        take(event);
      }
    },
    end(whole) {
      if (!begun) throw invalid('sent JSON that is not an answer; check the base URL.');
      for (const index of [...open.keys()]) endBlock(index);
      if (!complete && rawFinishReason === undefined) {
        const message = `${provider}:${model} broke off: the answer ended without a reason for its end.`;
        throw new ProviderError(whole ? 'INVALID_RESPONSE' : 'INTERRUPTED', message, { provider, model });
      }
      const raw = rawFinishReason ?? 'end_turn';
      // A forced call that carries the answer is the answer.
      const finishReason = raw === 'tool_use' && toolCalls === 0 ? 'stop' : toFinishReason(raw);
      const providerMetadata = Object.keys(facts).length > 0 && { providerMetadata: own(facts) };
      events.push({
        type: 'finish',
        finishReason,
        rawFinishReason,
        usage: readUsage(usage),
        ...providerMetadata,
      });
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
    hasBegun: () => begun,
  };
};

/** Fields of `message_delta` that stand beside its delta. */
const pick = (event: WireEvent): WireMessage => {
  const { context_management } = event as WireMessage;
  return context_management === undefined ? {} : { context_management };
};

/** A block of the vendor's own as it must go back: with the arguments that came behind its beginning. */
const completeRaw = ({
  block,
  input,
}: {
  readonly block: JsonObject;
  readonly input: string;
}): JsonObject => {
  if (input === '') return block;
  if (block['type'] === 'compaction') return { ...block, content: input };
  const parsed = parseJson(input);
  return isObject(parsed) ? { ...block, input: parsed } : block;
};
