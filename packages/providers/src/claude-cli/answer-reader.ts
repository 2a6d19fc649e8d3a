import {
  type FinishReason,
  type JsonValue,
  type ModelEvent,
  ProviderError,
  type Warning,
} from '@millrace/core/model';
import { asCount, asList, asObject, asText, isObject, parseJson } from '../transport/index.js';
import { type CliFailureContext, invalidOutput, resultFailure } from './failures.js';
import { createCumulativeCost, readUsage } from './read-usage.js';
import type { WireEvent, WireLine, WireMessage, WireResult } from './wire.js';

/** How to read. */
export interface CliReaderOptions {
  readonly failure: CliFailureContext;
  readonly warnings: readonly Warning[];
  /** Results that come before the answer: one for each earlier turn that was handed over. */
  readonly historyResults: number;
  readonly isJson: boolean;
}

/** Turns the lines of one run into events. */
export interface CliReader {
  /** Take lines, each one JSON text. @throws ProviderError `INVALID_RESPONSE`. */
  add(lines: readonly string[]): void;
  /** The events since the last time. */
  take(): readonly ModelEvent[];
  /** Finish. @throws ProviderError when the result is an error, or is not the JSON that was asked for. */
  end(): void;
  /** Results of earlier turns so far. */
  historyTaken(): number;
  /** Whether the vendor has begun to answer. */
  hasBegun(): boolean;
  /** Whether the result is here. */
  hasResult(): boolean;
}

interface Block {
  readonly type: 'text' | 'reasoning';
  readonly id: string;
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  // The last step of an answer in JSON.
  tool_use: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
};

/** Start reading the output of one run. Tools that the program runs by itself, and its sub-agents, leave no events. */
export const createCliReader = (options: CliReaderOptions): CliReader => {
  const { failure, warnings, historyResults, isJson } = options;
  const { provider, model } = failure;
  const cost = createCumulativeCost();
  const open = new Map<unknown, Block>();
  /** Ids of messages that came piece by piece. */
  const streamed = new Set<string>();
  let events: ModelEvent[] = [];
  let begun = false;
  let blocks = 0;
  let historyTaken = 0;
  let result: WireResult | undefined;
  let errorKind: string | undefined;

  const begin = (): void => {
    if (begun) return;
    begun = true;
    events.push({ type: 'stream-start', warnings });
  };
  const describe = (message: WireMessage): void => {
    begin();
    // `[1m]` behind a name asks for a longer context; it is the same model.
    const modelId = asText(message.model)?.replace(/\[[^\]]*\]$/, '');
    events.push({ type: 'response-metadata', id: asText(message.id), modelId });
  };
  const start = (key: unknown, value: unknown): void => {
    const block = asObject<{ type?: unknown; text?: unknown; thinking?: unknown }>(value);
    // Prose beside an answer in JSON is not part of it.
    const type =
      block.type === 'text' && !isJson ? 'text' : block.type === 'thinking' ? 'reasoning' : undefined;
    if (type === undefined) return;
    const id = `${type}-${++blocks}`;
    open.set(key, { type, id });
    events.push({ type: `${type}-start`, id });
    grow(key, asText(type === 'text' ? block.text : block.thinking));
  };
  const grow = (key: unknown, delta: string | undefined): void => {
    const block = open.get(key);
    if (block === undefined || delta === undefined) return;
    events.push({ type: `${block.type}-delta`, id: block.id, delta });
  };
  const close = (key: unknown): void => {
    const block = open.get(key);
    if (block === undefined) return;
    open.delete(key);
    events.push({ type: `${block.type}-end`, id: block.id });
  };
  const closeAll = (): void => {
    for (const key of [...open.keys()]) close(key);
  };

  const takeEvent = (event: WireEvent): void => {
    switch (event.type) {
      case 'message_start': {
        closeAll();
        const message = asObject<WireMessage>(event.message);
        streamed.add(String(message.id));
        return describe(message);
      }
      case 'content_block_start':
        return start(event.index, event.content_block);
      case 'content_block_delta': {
        const delta = asObject<{ text?: unknown; thinking?: unknown }>(event.delta);
        return grow(event.index, asText(delta.text) ?? asText(delta.thinking));
      }
      case 'content_block_stop':
        return close(event.index);
    }
  };

  const takeMessage = (line: WireLine): void => {
    const message = asObject<WireMessage>(line.message);
    if (line.is_api_error_message === true) errorKind = asText(line.error);
    if (message.model === '<synthetic>' || streamed.has(String(message.id))) return;
    describe(message);
    for (const block of asList(message.content)) {
      start('whole', block);
      close('whole');
    }
  };

  const takeResult = (line: WireResult): void => {
    cost.add(line.total_cost_usd);
    if (historyTaken === historyResults || line.is_error === true) result = line;
    else historyTaken += 1;
  };

  const take = (line: WireLine): void => {
    if (line.type === 'result') return takeResult(line as WireResult);
    if (asText(line.parent_tool_use_id) !== undefined) return;
    const isAnswer = line.type === 'stream_event' || line.type === 'assistant';
    if (!isAnswer) return;
    if (historyTaken < historyResults && line.is_api_error_message !== true)
      throw new ProviderError(
        'BAD_REQUEST',
        `${provider}:${model} answers earlier turns anew: it is too old to take a conversation. Run \`claude update\`.`,
        { provider, model },
      );
    if (line.type === 'assistant') takeMessage(line);
    else takeEvent(asObject<WireEvent>(line.event));
  };

  const writeJson = (value: unknown): void => {
    if (!isObject(value)) {
      const message = `${provider}:${model} answered in prose, not in the JSON that was asked for. Make the schema simpler.`;
      throw new ProviderError('INVALID_OUTPUT', message, { provider, model });
    }
    const id = `text-${++blocks}`;
    events.push(
      { type: 'text-start', id },
      { type: 'text-delta', id, delta: JSON.stringify(value) },
      { type: 'text-end', id },
    );
  };

  return {
    add(lines) {
      for (const text of lines) {
        const line = parseJson(text);
        if (!isObject(line)) throw invalidOutput('printed a line that is not JSON.', failure);
        take(line as WireLine);
      }
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
    end() {
      closeAll();
      const last = result ?? {};
      if (last.is_error === true || (asText(last.subtype) ?? '').startsWith('error'))
        throw resultFailure(last, errorKind, failure);
      begin();
      if (isJson) writeJson(last.structured_output);
      const raw = asText(last.stop_reason);
      const denied = asList(last.permission_denials).length;
      events.push({
        type: 'finish',
        finishReason: (raw === undefined ? undefined : REASONS[raw]) ?? 'other',
        rawFinishReason: raw,
        usage: readUsage(last),
        providerMetadata: {
          [provider]: {
            costUsd: cost.sum() as JsonValue,
            turns: asCount(last.num_turns) as JsonValue,
            ...(denied > 0 && { deniedTools: denied }),
          },
        },
      });
    },
    historyTaken: () => historyTaken,
    hasBegun: () => begun,
    hasResult: () => result !== undefined,
  };
};
