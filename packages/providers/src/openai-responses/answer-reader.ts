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
import { clientCallInput, isClientCall } from './items.js';
import type { OpenItem } from './open-item.js';
import { mayWrap, unwrapCalls } from './parallel-wrapper.js';
import { readUsage } from './read-usage.js';
import type { WireEvent, WireItem, WireResponse } from './wire.js';

/** How to read. */
export interface AnswerReaderOptions {
  readonly failure: Omit<FailureContext, 'signal'> & { readonly model: string };
  readonly header: Answer['header'];
  readonly warnings: readonly Warning[];
  /** Names of the tools that the model was offered. */
  readonly toolNames: ReadonlySet<string>;
  /** The answer is to be JSON: then what the model says on its way to it is no part of the text. */
  readonly json: boolean;
}

/** Start reading an answer of the responses endpoint, as a stream of events or as one body. */
export const createAnswerReader = (options: AnswerReaderOptions): AnswerReader => {
  const { failure, header, warnings, toolNames, json } = options;
  const { provider, model } = failure;
  const open = new Map<number, OpenItem>();
  let events: ModelEvent[] = [];
  let begun = false;
  let blocks = 0;
  let sources = 0;
  let calls = 0;
  let refused = false;
  let lastReasoning: string | undefined;
  let final: WireResponse | undefined;
  let responseId: string | undefined;

  const own = (values: JsonObject): { providerMetadata: ProviderMetadata } => ({
    providerMetadata: { [provider]: values },
  });
  const invalid = (what: string): ProviderError =>
    new ProviderError('INVALID_RESPONSE', `${provider}:${model} ${what}`, { provider, model });

  const begin = (): void => {
    if (begun) return;
    begun = true;
    events.push({ type: 'stream-start', warnings });
  };

  const describe = (response: WireResponse): void => {
    begin();
    if (responseId !== undefined || asText(response.id) === undefined) return;
    responseId = asText(response.id);
    const created = response.created_at;
    events.push({
      type: 'response-metadata',
      id: responseId,
      modelId: asText(response.model),
      timestamp: typeof created === 'number' && created > 0 ? Math.floor(created) * 1000 : undefined,
    });
  };

  const openBlock = (item: OpenItem, type: 'text' | 'reasoning', refusal = false): string => {
    const kind = item.commentary ? 'reasoning' : type;
    if (item.block?.type === kind && item.block.refusal === refusal) return item.block.id;
    closeBlock(item);
    const id = `${kind}-${++blocks}`;
    item.block = { type: kind, id, refusal };
    if (kind === 'reasoning') events.push({ type: 'reasoning-start', id });
    else events.push({ type: 'text-start', id, ...(refusal && { refusal: true as const }) });
    return id;
  };

  const closeBlock = (item: OpenItem, more: JsonObject = {}): void => {
    const { block } = item;
    if (block === undefined) return;
    item.block = undefined;
    const facts: JsonObject = {
      ...(item.id !== undefined && { itemId: item.id }),
      ...(item.phase !== undefined && { phase: item.phase }),
      ...(item.commentary && { commentary: true }),
      ...(item.type === 'message' && lastReasoning !== undefined && { reasoningId: lastReasoning }),
      ...(item.annotations.length > 0 && { annotations: item.annotations }),
      ...more,
    };
    const metadata = Object.keys(facts).length > 0 ? own(facts) : {};
    events.push({
      type: block.type === 'reasoning' ? 'reasoning-end' : 'text-end',
      id: block.id,
      ...metadata,
    });
  };

  const grow = (item: OpenItem, type: 'text' | 'reasoning', delta: string, refusal = false): void => {
    if (delta === '') return;
    const id = openBlock(item, type, refusal);
    item.shown += delta;
    events.push(
      item.block?.type === 'reasoning'
        ? { type: 'reasoning-delta', id, delta }
        : { type: 'text-delta', id, delta },
    );
  };

  const growCall = (item: OpenItem, delta: string): void => {
    if (delta === '' || item.call === undefined) return;
    item.shown += delta;
    if (!item.call.hidden) events.push({ type: 'tool-input-delta', id: item.call.id, delta });
  };

  const cite = (item: OpenItem, value: unknown): void => {
    if (!isObject(value)) return;
    item.annotations.push(value as JsonObject);
    const { url, title } = asObject<{ url?: unknown; title?: unknown }>(value);
    const address = asText(url);
    if (address === undefined) return;
    events.push({ type: 'source', id: `source-${++sources}`, url: address, title: asText(title) });
  };

  const startItem = (index: number, item: WireItem): OpenItem => {
    const known = open.get(index);
    if (known !== undefined) return known;
    const type = asText(item.type) ?? '';
    const isCall = type === 'function_call' || type === 'custom_tool_call';
    const name = asText(item['name']) ?? '';
    if (isCall && name === '') throw invalid('called a tool without a name.');
    const phase = asText(item['phase']);
    const opened: OpenItem = {
      type,
      id: asText(item.id),
      block: undefined,
      shown: '',
      call: isCall
        ? {
            id: asText(item['call_id']) ?? asText(item.id) ?? `call_${index}`,
            name,
            hidden: type === 'custom_tool_call' || mayWrap(name, toolNames),
          }
        : undefined,
      commentary: json && type === 'message' && phase === 'commentary',
      phase,
      annotations: [],
    };
    open.set(index, opened);
    const { call } = opened;
    if (call !== undefined && !call.hidden)
      events.push({ type: 'tool-input-start', id: call.id, toolName: call.name });
    return opened;
  };

  /** An item is complete: what was not shown of it yet is shown now. */
  const endItem = (index: number, value: WireItem): void => {
    const item = startItem(index, value);
    open.delete(index);
    item.id = asText(value.id) ?? item.id;
    switch (item.type) {
      case 'message':
        return endMessage(item, value);
      case 'reasoning':
        return endReasoning(item, value);
      case 'function_call':
        return endCall(item, asText(value['arguments']) ?? '');
      case 'custom_tool_call':
        return endCustomCall(item, asText(value['input']) ?? item.shown);
      default:
        return endOwnItem(item, value as JsonObject);
    }
  };

  const endMessage = (item: OpenItem, value: WireItem): void => {
    if (item.shown === '') {
      for (const part of asList(value['content'])) {
        const { type, text, refusal, annotations } = asObject<Record<string, unknown>>(part);
        if (type === 'refusal') {
          refused = true;
          grow(item, 'text', asText(refusal) ?? '', true);
        } else grow(item, 'text', asText(text) ?? '');
        for (const annotation of asList(annotations)) cite(item, annotation);
      }
    }
    closeBlock(item);
  };

  const endReasoning = (item: OpenItem, value: WireItem): void => {
    if (item.shown === '') {
      for (const part of [...asList(value['summary']), ...asList(value['content'])]) {
        closeBlock(item);
        grow(item, 'reasoning', asText(asObject<{ text?: unknown }>(part).text) ?? '');
      }
    }
    lastReasoning = item.id;
    const secret = asText(value['encrypted_content']);
    // Also what the vendor shows nothing of must go back.
    if (item.block === undefined) openBlock(item, 'reasoning');
    closeBlock(item, secret === undefined ? {} : { encryptedContent: secret });
  };

  const callEvent = (id: string, toolName: string, input: string, facts: JsonObject): ModelEvent => ({
    type: 'tool-call',
    toolCallId: id,
    toolName,
    input,
    ...(Object.keys(facts).length > 0 && own(facts)),
  });

  const endCall = (item: OpenItem, whole: string): void => {
    const { call } = item;
    if (call === undefined) return;
    const input = whole === '' ? item.shown : whole;
    const wrapped = call.hidden ? unwrapCalls(input) : undefined;
    const facts: JsonObject = item.id === undefined ? {} : { itemId: item.id };
    if (wrapped !== undefined) {
      const wrapper = { callId: call.id, name: call.name, arguments: input, count: wrapped.length };
      for (const [place, one] of wrapped.entries()) {
        calls += 1;
        const id = `${call.id}-${place}`;
        events.push({ type: 'tool-input-start', id, toolName: one.toolName });
        events.push({ type: 'tool-input-delta', id, delta: one.input }, { type: 'tool-input-end', id });
        events.push(callEvent(id, one.toolName, one.input, { ...facts, wrapper, place }));
      }
      return;
    }
    if (call.hidden) events.push({ type: 'tool-input-start', id: call.id, toolName: call.name });
    if ((call.hidden || item.shown === '') && input !== '')
      events.push({ type: 'tool-input-delta', id: call.id, delta: input });
    calls += 1;
    events.push({ type: 'tool-input-end', id: call.id });
    events.push(callEvent(call.id, call.name, input === '' ? '{}' : input, facts));
  };

  /** Its input is free text; among tool calls it is a JSON string. */
  const endCustomCall = (item: OpenItem, input: string): void => {
    if (item.call === undefined) return;
    calls += 1;
    const facts: JsonObject = { custom: true, ...(item.id !== undefined && { itemId: item.id }) };
    events.push(callEvent(item.call.id, item.call.name, JSON.stringify(input), facts));
  };

  /** Something of the vendor's own: a call that the caller must answer, or the trace of a tool that the vendor ran. */
  const endOwnItem = (item: OpenItem, value: JsonObject): void => {
    if (item.type === '') return;
    const facts: JsonObject = { item: value, ...(item.id !== undefined && { itemId: item.id }) };
    if (isClientCall(item.type)) {
      calls += 1;
      const id = asText(value['call_id']) ?? item.id ?? `call_${calls}`;
      events.push(callEvent(id, item.type, clientCallInput(value), facts));
      return;
    }
    if (item.type === 'image_generation_call') {
      const data = asText(value['result']);
      const mediaType = `image/${asText(value['output_format']) ?? 'png'}`;
      if (data !== undefined) events.push({ type: 'file', mediaType, data: { type: 'data', data } });
    }
    const id = `block-${++blocks}`;
    events.push({ type: 'text-start', id }, { type: 'text-end', id, ...own(facts) });
  };

  const finishWith = (response: WireResponse): void => {
    describe(response);
    const { error } = response;
    if (response.status === 'failed' || (isObject(error) && response.status !== 'completed'))
      throw toProviderError({ ...failure, error: error ?? { message: 'the answer failed' }, header });
    final = response;
  };

  const take = (event: WireEvent): void => {
    const index = typeof event.output_index === 'number' ? event.output_index : -1;
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return describe(asObject<WireResponse>(event.response));
      case 'response.output_item.added':
        begin();
        return void startItem(index, asObject<WireItem>(event.item));
      case 'response.output_item.done':
        begin();
        return endItem(index, asObject<WireItem>(event.item));
      case 'response.output_text.delta':
        return withItem(index, 'message', (item) => grow(item, 'text', asText(event.delta) ?? ''));
      case 'response.output_text.annotation.added':
        return withItem(index, 'message', (item) => cite(item, event.annotation));
      case 'response.refusal.delta':
        refused = true;
        return withItem(index, 'message', (item) => grow(item, 'text', asText(event.delta) ?? '', true));
      case 'response.reasoning_summary_part.added':
        // Each part is a block; the last stays open until the item brings its secret.
        return withItem(index, 'reasoning', (item) => closeBlock(item));
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return withItem(index, 'reasoning', (item) => grow(item, 'reasoning', asText(event.delta) ?? ''));
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta': {
        const item = open.get(index);
        if (item !== undefined) growCall(item, asText(event.delta) ?? '');
        return;
      }
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return finishWith(asObject<WireResponse>(event.response));
      case 'error':
        throw toProviderError({ ...failure, error: isObject(event.error) ? event.error : event, header });
      default:
        return takeOther(event);
    }
  };

  const withItem = (index: number, type: string, run: (item: OpenItem) => void): void => {
    begin();
    run(startItem(index, { type }));
  };

  /** A whole body, an error without an event, or the chunks of another endpoint. */
  const takeOther = (event: WireEvent): void => {
    if (event.choices !== undefined || event.object === 'chat.completion.chunk') {
      throw invalid('answered the responses endpoint with chat completions; use `api: "chat"` for it.');
    }
    if (event.type === undefined && Array.isArray(event.output)) {
      describe(event);
      if (event.status !== 'failed')
        for (const [index, item] of event.output.entries()) endItem(index, asObject<WireItem>(item));
      return finishWith(event);
    }
    if (event.type === undefined && isObject(event.error))
      throw toProviderError({ ...failure, error: event.error, header });
  };

  return {
    add(payloads) {
      for (const payload of payloads) {
        const event = parseJson(payload);
        if (!isObject(event)) throw invalid('sent something that is not JSON.');
        take(event);
      }
    },
    end() {
      if (!begun) throw invalid('sent JSON that is not an answer; check the base URL.');
      for (const item of open.values()) closeBlock(item);
      if (final === undefined) {
        const message = `${provider}:${model} broke off: the answer ended without saying that it is complete.`;
        throw new ProviderError('INTERRUPTED', message, { provider, model });
      }
      const raw = asText(asObject<{ reason?: unknown }>(final.incomplete_details).reason);
      const serviceTier = asText(final.service_tier);
      events.push({
        type: 'finish',
        finishReason: toFinishReason(raw, final, calls > 0, refused),
        rawFinishReason: raw ?? asText(final.status),
        usage: readUsage(final.usage),
        ...own({
          ...((responseId ?? asText(final.id)) !== undefined && {
            responseId: responseId ?? asText(final.id),
          }),
          ...(serviceTier !== undefined && { serviceTier }),
        }),
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
