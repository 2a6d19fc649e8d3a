import {
  type FinishReason,
  type JsonObject,
  type ModelEvent,
  ProviderError,
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
} from '../transport/index.js';
import { addPartialArgs } from './partial-args.js';
import { readUsage } from './read-usage.js';
import { toGoogleError } from './vendor-error.js';

/** How to read. */
export interface AnswerReaderOptions {
  readonly failure: Omit<FailureContext, 'signal'> & { readonly model: string };
  readonly header: Answer['header'];
  readonly warnings: readonly Warning[];
  /** The tool whose arguments are the answer in JSON. */
  readonly jsonTool: string | undefined;
}

/** What we read of a piece. Every field may be missing or of another type. */
interface WireResponse {
  readonly candidates?: unknown;
  readonly promptFeedback?: unknown;
  readonly usageMetadata?: unknown;
  readonly modelVersion?: unknown;
  readonly responseId?: unknown;
  readonly error?: unknown;
}

interface WireCandidate {
  readonly content?: unknown;
  readonly finishReason?: unknown;
  readonly finishMessage?: unknown;
  readonly groundingMetadata?: unknown;
}

interface WirePart extends JsonObject {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
}

interface WireCall {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly args?: unknown;
  readonly partialArgs?: unknown;
  readonly willContinue?: unknown;
}

/** A call whose arguments are still coming. */
interface PendingCall {
  readonly name: string;
  readonly id: string | undefined;
  readonly args: JsonObject;
  signature: JsonObject;
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  // Not Google's own word, but that of servers which speak its API.
  FUNCTION_CALL: 'tool-calls',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  MODEL_ARMOR: 'content-filter',
};

/** Start reading an answer of generateContent, whole or in pieces. */
export const createAnswerReader = (options: AnswerReaderOptions): AnswerReader => {
  const { failure, header, warnings, jsonTool } = options;
  const { provider, model } = failure;
  let events: ModelEvent[] = [];
  let begun = false;
  let described = false;
  let responseId: string | undefined;
  let block: { readonly type: 'text' | 'reasoning'; readonly id: string } | undefined;
  let blocks = 0;
  let calls = 0;
  let pending: PendingCall | undefined;
  let usage: JsonObject | undefined;
  let rawFinishReason: string | undefined;
  let grounding: JsonObject | undefined;
  const sources = new Set<string>();

  const own = (values: JsonObject) => ({ providerMetadata: { [provider]: values } });
  const signed = ({ thoughtSignature }: WirePart): JsonObject =>
    typeof thoughtSignature === 'string' ? { thoughtSignature } : {};

  const open = (type: 'text' | 'reasoning'): string => {
    if (block?.type === type) return block.id;
    close({});
    block = { type, id: `${type}-${++blocks}` };
    events.push({ type: type === 'text' ? 'text-start' : 'reasoning-start', id: block.id });
    return block.id;
  };
  const close = (signature: JsonObject): void => {
    if (block === undefined) return;
    const { type, id } = block;
    block = undefined;
    // A thought that has no signature is still this vendor's, and may go back to it.
    const values = type === 'reasoning' ? { thought: true, ...signature } : signature;
    const metadata = Object.keys(values).length > 0 && own(values);
    events.push({ type: type === 'text' ? 'text-end' : 'reasoning-end', id, ...metadata });
  };

  const takeText = (part: WirePart, text: string): void => {
    const type = part.thought === true ? 'reasoning' : 'text';
    const signature = signed(part);
    const isSigned = 'thoughtSignature' in signature;
    // An empty part that carries a signature keeps its place: it is a part of its own.
    if (text === '' && isSigned) close({});
    if (text !== '' || isSigned) {
      const id = open(type);
      if (text !== '')
        events.push({ type: type === 'text' ? 'text-delta' : 'reasoning-delta', id, delta: text });
    }
    if (isSigned) close(signature);
  };

  const takeCall = (part: WirePart): void => {
    const call = asObject<WireCall>(part['functionCall']);
    const toolName = asText(call.name);
    // A call may come in pieces: its name first, then arguments by their paths, then an empty piece.
    if (pending !== undefined && toolName === undefined) {
      addPartialArgs(pending.args, call.partialArgs);
      pending.signature = { ...pending.signature, ...signed(part) };
      if (call.willContinue !== true) endCall();
      return;
    }
    endCall();
    close({});
    if (toolName === undefined) throw invalid('called a tool without a name.');
    // A tool without arguments may come without them.
    const args = isObject(call.args) ? { ...call.args } : {};
    pending = { name: toolName, id: asText(call.id), args, signature: signed(part) };
    addPartialArgs(pending.args, call.partialArgs);
    if (call.willContinue !== true) endCall();
  };

  const endCall = (): void => {
    if (pending === undefined) return;
    const { name: toolName, id: vendorId, args, signature } = pending;
    pending = undefined;
    const input = JSON.stringify(args);
    if (toolName === jsonTool) {
      const id = `text-${++blocks}`;
      const metadata = Object.keys(signature).length > 0 && own(signature);
      events.push(
        { type: 'text-start', id },
        { type: 'text-delta', id, delta: input },
        { type: 'text-end', id, ...metadata },
      );
      return;
    }
    const id = vendorId ?? `call_${responseId ?? 'answer'}_${calls}`;
    calls += 1;
    const values = { ...signature, ...(vendorId !== undefined && { id: vendorId }) };
    const metadata = Object.keys(values).length > 0 && own(values);
    events.push(
      { type: 'tool-input-start', id, toolName },
      { type: 'tool-input-delta', id, delta: input },
      { type: 'tool-input-end', id },
      { type: 'tool-call', toolCallId: id, toolName, input, ...metadata },
    );
  };

  const takePart = (part: WirePart): void => {
    if (!isObject(part['functionCall'])) endCall();
    if (typeof part.text === 'string') return takeText(part, part.text);
    if (isObject(part['functionCall'])) return takeCall(part);
    const file = asObject<{ mimeType?: unknown; data?: unknown }>(part['inlineData']);
    const data = asText(file.data);
    if (data !== undefined) {
      close({});
      const mediaType = asText(file.mimeType) ?? 'application/octet-stream';
      events.push({ type: 'file', mediaType, data: { type: 'data', data }, ...own(signed(part)) });
      return;
    }
    if (Object.keys(part).length === 0) return;
    // Something of the vendor's own, such as code that it ran: kept, to be sent back as it came.
    close({});
    const id = `part-${++blocks}`;
    events.push({ type: 'text-start', id, ...own({ part }) }, { type: 'text-end', id });
  };

  const takeGrounding = (value: JsonObject): void => {
    grounding = { ...grounding, ...value };
    for (const chunk of asList(value['groundingChunks'])) {
      const { web } = asObject<{ web?: unknown }>(chunk);
      const { uri, title } = asObject<{ uri?: unknown; title?: unknown }>(web);
      const url = asText(uri);
      if (url === undefined || sources.has(url)) continue;
      sources.add(url);
      events.push({ type: 'source', id: `source-${sources.size}`, url, title: asText(title) });
    }
  };

  const invalid = (what: string): ProviderError =>
    new ProviderError('INVALID_RESPONSE', `${provider}:${model} ${what}`, { provider, model });

  const take = (response: WireResponse): void => {
    if (response.error !== undefined && response.error !== null)
      throw toGoogleError(response.error, failure, header);
    const { candidates, promptFeedback, usageMetadata } = response;
    if (!Array.isArray(candidates) && !isObject(promptFeedback) && !isObject(usageMetadata)) return;
    if (!begun) events.push({ type: 'stream-start', warnings });
    begun = true;
    const modelId = asText(response.modelVersion);
    responseId = asText(response.responseId) ?? responseId;
    if (!described && (modelId !== undefined || responseId !== undefined)) {
      described = true;
      events.push({ type: 'response-metadata', id: responseId, modelId });
    }
    // Counts are of the whole request so far: the last ones count.
    if (isObject(usageMetadata)) usage = { ...usage, ...usageMetadata };
    const blocked = asText(asObject<{ blockReason?: unknown }>(promptFeedback).blockReason);
    if (blocked !== undefined && asList(candidates).length === 0) rawFinishReason = `BLOCKED_${blocked}`;
    const candidate = asObject<WireCandidate>(asList(candidates)[0]);
    for (const part of asList(asObject<{ parts?: unknown }>(candidate.content).parts))
      takePart(asObject<WirePart>(part));
    if (isObject(candidate.groundingMetadata)) takeGrounding(candidate.groundingMetadata);
    rawFinishReason = asText(candidate.finishReason) ?? rawFinishReason;
    if (rawFinishReason === 'MALFORMED_FUNCTION_CALL')
      throw invalid('wrote a tool call that is not valid. Try again.');
  };

  return {
    add(payloads) {
      for (const payload of payloads) {
        const response = parseJson(payload);
        if (!isObject(response)) throw invalid('sent something that is not JSON.');
        take(response);
      }
    },
    end(whole) {
      endCall();
      close({});
      if (!begun) throw invalid('sent JSON that is not an answer; check the base URL.');
      if (rawFinishReason === undefined) {
        const message = `${provider}:${model} broke off: the answer ended without a reason for its end.`;
        throw new ProviderError(whole ? 'INVALID_RESPONSE' : 'INTERRUPTED', message, { provider, model });
      }
      const isBlocked = rawFinishReason.startsWith('BLOCKED_');
      const reason = isBlocked ? 'content-filter' : (REASONS[rawFinishReason] ?? 'other');
      events.push({
        type: 'finish',
        finishReason: reason === 'stop' && calls > 0 ? 'tool-calls' : reason,
        rawFinishReason: isBlocked ? rawFinishReason.slice('BLOCKED_'.length) : rawFinishReason,
        usage: readUsage(usage),
        ...(grounding !== undefined && own({ grounding })),
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
