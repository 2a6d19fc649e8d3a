import {
  type FinishReason,
  type JsonObject,
  type ModelEvent,
  ProviderError,
  type Usage,
  type Warning,
} from '@millrace/core/model';

const REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
};

interface WireUsage {
  readonly tokens?: { readonly input_tokens?: number; readonly output_tokens?: number };
  readonly cached_tokens?: number;
}

interface WireCall {
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface WirePart {
  readonly type?: string;
  readonly text?: string;
  readonly thinking?: string;
}

interface WireEvent {
  readonly type?: string;
  readonly id?: string;
  readonly index?: number;
  readonly message?: unknown;
  readonly delta?: {
    readonly message?: { readonly content?: WirePart; readonly tool_calls?: WireCall };
    readonly finish_reason?: string;
    readonly usage?: WireUsage;
    readonly error?: string;
  };
}

interface WireAnswer {
  readonly id?: string;
  readonly message?: {
    readonly content?: readonly WirePart[] | null;
    readonly tool_calls?: readonly WireCall[];
  };
  readonly finish_reason?: string;
  readonly usage?: WireUsage;
}

/** Turns the vendor's answers into events. */
export const createAnswerReader = (options: {
  readonly provider: string;
  readonly model: string;
  readonly warnings: readonly Warning[];
}) => {
  const { provider, model, warnings } = options;
  const blocks = new Map<number, 'text' | 'reasoning'>();
  let call: { id: string; name: string; input: string } | undefined;
  let begun = false;
  let finished = false;

  const fault = (code: 'INVALID_RESPONSE' | 'INTERRUPTED' | 'SERVER_ERROR', what: string): ProviderError =>
    new ProviderError(code, `${provider}:${model} ${what}`, { provider, model });

  const begin = (id: string | undefined): ModelEvent[] => {
    begun = true;
    return [
      { type: 'stream-start', warnings },
      { type: 'response-metadata', id },
    ];
  };
  const finish = (reason: string | undefined, usage: WireUsage | undefined): ModelEvent => {
    if (reason === 'ERROR') throw fault('SERVER_ERROR', 'failed in the middle of its answer.');
    if (reason === undefined) throw fault('INTERRUPTED', 'ended without a reason.');
    finished = true;
    return {
      type: 'finish',
      finishReason: REASONS[reason] ?? 'other',
      rawFinishReason: reason,
      usage: usageOf(usage),
    };
  };

  const add = (value: unknown): ModelEvent[] => {
    if (typeof value !== 'object' || value === null)
      throw fault('INVALID_RESPONSE', 'sent something that is no JSON.');
    const event = value as WireEvent;
    const { delta, index = 0 } = event;
    const part = delta?.message?.content;
    const id = `block-${index}`;
    switch (event.type) {
      case 'message-start':
        return begin(event.id);
      case 'content-start': {
        const type = part?.type === 'thinking' ? 'reasoning' : 'text';
        blocks.set(index, type);
        return [{ type: `${type}-start`, id }];
      }
      case 'content-delta': {
        const piece = part?.text ?? part?.thinking ?? '';
        const type = blocks.get(index) ?? 'text';
        return piece === '' ? [] : [{ type: `${type}-delta`, id, delta: piece }];
      }
      case 'content-end':
        return [{ type: `${blocks.get(index) ?? 'text'}-end`, id }];
      case 'tool-call-start': {
        const { id: callId = `call-${index}`, function: called } = delta?.message?.tool_calls ?? {};
        call = { id: callId, name: called?.name ?? '', input: '' };
        return [
          { type: 'tool-input-start', id: callId, toolName: call.name },
          ...growCall(called?.arguments),
        ];
      }
      case 'tool-call-delta':
        return growCall(delta?.message?.tool_calls?.function?.arguments);
      case 'tool-call-end': {
        if (call === undefined) return [];
        const { id: toolCallId, name: toolName, input } = call;
        call = undefined;
        return [
          { type: 'tool-input-end', id: toolCallId },
          { type: 'tool-call', toolCallId, toolName, input: input === '' ? '{}' : input },
        ];
      }
      case 'message-end':
        if (delta?.error !== undefined) throw fault('SERVER_ERROR', 'failed in the middle of its answer.');
        return [finish(delta?.finish_reason, delta?.usage)];
      default:
        // An event of a kind that is not known yet is no failure; an error without a kind is.
        if (event.type === undefined && event.message !== undefined)
          throw fault('SERVER_ERROR', 'reported an error in place of an answer.');
        return [];
    }
  };
  const growCall = (piece = ''): ModelEvent[] => {
    if (piece === '' || call === undefined) return [];
    call.input += piece;
    return [{ type: 'tool-input-delta', id: call.id, delta: piece }];
  };

  return {
    add,
    /** A whole answer is the same events, at once. */
    whole(value: unknown): ModelEvent[] {
      const answer = value as WireAnswer | null;
      if (answer?.message === undefined || typeof answer.message !== 'object')
        throw fault('INVALID_RESPONSE', 'sent something that is no answer.');
      const { content, tool_calls = [] } = answer.message;
      return [
        ...begin(answer.id),
        ...(content ?? []).flatMap((one, index) => [
          ...add({ type: 'content-start', index, delta: { message: { content: one } } }),
          ...add({ type: 'content-delta', index, delta: { message: { content: one } } }),
          ...add({ type: 'content-end', index }),
        ]),
        ...tool_calls.flatMap((one, index) => [
          ...add({ type: 'tool-call-start', index, delta: { message: { tool_calls: one } } }),
          ...add({ type: 'tool-call-end', index }),
        ]),
        finish(answer.finish_reason, answer.usage),
      ];
    },
    /** @throws ProviderError when the stream ended before the vendor said that it is complete. */
    checkEnd(): void {
      if (!finished) throw fault('INTERRUPTED', 'broke off before the answer was finished.');
    },
    get begun() {
      return begun;
    },
  };
};

const usageOf = (usage: WireUsage | undefined): Usage => {
  const input = usage?.tokens?.input_tokens;
  const cacheRead = usage?.cached_tokens;
  const output = usage?.tokens?.output_tokens;
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - (cacheRead ?? 0),
      cacheRead,
      cacheWrite: undefined,
    },
    outputTokens: { total: output, text: undefined, reasoning: undefined },
    ...(usage !== undefined && { raw: usage as JsonObject }),
    estimated: false,
  };
};
