import {
  type FinishReason,
  type JsonObject,
  type ModelEvent,
  ProviderError,
  UNKNOWN_USAGE,
  type Warning,
} from '@millrace/core/model';
import {
  type Answer,
  type AnswerReader,
  asCount,
  asList,
  asObject,
  asText,
  type FailureContext,
  isObject,
  parseJson,
  toProviderError,
} from '../transport/index.js';

/** How to read. */
export interface AnswerReaderOptions {
  readonly failure: Omit<FailureContext, 'signal'> & { readonly model: string };
  readonly header: Answer['header'];
  readonly warnings: readonly Warning[];
}

/** What we read of a line. Every field may be missing or of another type. */
interface WireLine {
  readonly model?: unknown;
  readonly created_at?: unknown;
  readonly message?: unknown;
  readonly done?: unknown;
  readonly done_reason?: unknown;
  readonly prompt_eval_count?: unknown;
  readonly eval_count?: unknown;
  readonly error?: unknown;
}

const REASONS: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };
/** Nanoseconds; kept for hosts that want to know how fast a model is. */
const DURATIONS = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration'] as const;

/** Start reading an answer of `/api/chat`: one line, or many. */
export const createAnswerReader = ({ failure, header, warnings }: AnswerReaderOptions): AnswerReader => {
  const { provider, model } = failure;
  let events: ModelEvent[] = [];
  let begun = false;
  let block: { readonly type: 'text' | 'reasoning'; readonly id: string } | undefined;
  let blocks = 0;
  let calls = 0;
  let name = 'answer';
  let last: WireLine | undefined;

  const close = (): void => {
    if (block === undefined) return;
    events.push({ type: block.type === 'text' ? 'text-end' : 'reasoning-end', id: block.id });
    block = undefined;
  };
  const grow = (type: 'text' | 'reasoning', delta: string | undefined): void => {
    if (delta === undefined) return;
    if (block?.type !== type) {
      close();
      block = { type, id: `${type}-${++blocks}` };
      events.push({ type: type === 'text' ? 'text-start' : 'reasoning-start', id: block.id });
    }
    events.push({ type: type === 'text' ? 'text-delta' : 'reasoning-delta', id: block.id, delta });
  };
  const takeCall = (value: unknown): void => {
    const call = asObject<{ id?: unknown; function?: unknown }>(value);
    const { name: toolName, arguments: given } = asObject<{ name?: unknown; arguments?: unknown }>(
      call.function,
    );
    const tool = asText(toolName);
    if (tool === undefined) throw invalid('called a tool without a name.');
    close();
    // Older servers give no id; it is made of the answer's time, so that no two answers of a conversation share one.
    const id = asText(call.id) ?? `call_${name}_${calls}`;
    calls += 1;
    const input = typeof given === 'string' ? given : JSON.stringify(given ?? {});
    events.push(
      { type: 'tool-input-start', id, toolName: tool },
      { type: 'tool-input-delta', id, delta: input },
      { type: 'tool-input-end', id },
      { type: 'tool-call', toolCallId: id, toolName: tool, input },
    );
  };
  const invalid = (what: string): ProviderError =>
    new ProviderError('INVALID_RESPONSE', `${provider}:${model} ${what}`, { provider, model });

  const take = (line: WireLine): void => {
    if (line.error !== undefined) {
      const message =
        typeof line.error === 'string' ? line.error : asObject<{ message?: unknown }>(line.error).message;
      throw toProviderError({ ...failure, error: { message }, header });
    }
    if (!isObject(line.message) && line.done !== true) return;
    if (!begun) {
      begun = true;
      const created = asText(line.created_at) ?? '';
      const timestamp = Date.parse(created);
      name = created.replace(/\D/g, '') || 'answer';
      events.push(
        { type: 'stream-start', warnings },
        {
          type: 'response-metadata',
          modelId: asText(line.model),
          ...(Number.isFinite(timestamp) && { timestamp }),
        },
      );
    }
    const { content, thinking, tool_calls } = asObject<{
      content?: unknown;
      thinking?: unknown;
      tool_calls?: unknown;
    }>(line.message);
    grow('reasoning', asText(thinking));
    grow('text', asText(content));
    for (const call of asList(tool_calls)) takeCall(call);
    if (line.done === true) last = line;
  };

  return {
    add(payloads) {
      for (const payload of payloads) {
        const line = parseJson(payload);
        if (!isObject(line)) throw invalid('sent something that is not JSON.');
        take(line);
      }
    },
    end(whole) {
      close();
      if (!begun) throw invalid('sent JSON that is not an answer; check the base URL.');
      if (last === undefined && !whole) {
        const message = `${provider}:${model} broke off before it was done.`;
        throw new ProviderError('INTERRUPTED', message, { provider, model });
      }
      const line = asObject<WireLine & JsonObject>(last);
      const raw = asText(line.done_reason) ?? 'stop';
      const reason = REASONS[raw] ?? 'other';
      const durations = Object.fromEntries(
        DURATIONS.flatMap((field) => (asCount(line[field]) === undefined ? [] : [[field, line[field]]])),
      );
      events.push({
        type: 'finish',
        // The server says `stop` also when it calls tools.
        finishReason: reason === 'stop' && calls > 0 ? 'tool-calls' : reason,
        rawFinishReason: raw,
        usage: readUsage(line),
        ...(Object.keys(durations).length > 0 && {
          providerMetadata: { [provider]: durations as JsonObject },
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

/** A count that is missing is not known; the server tells neither of caching nor of thinking. */
const readUsage = (line: WireLine & JsonObject) => {
  const input = asCount(line.prompt_eval_count);
  const output = asCount(line.eval_count);
  if (input === undefined && output === undefined) return UNKNOWN_USAGE;
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: undefined, reasoning: undefined },
    raw: { prompt_eval_count: input, eval_count: output },
    estimated: false,
  };
};
