import { type ModelEvent, ProviderError, type ProviderMetadata } from '@millrace/core/model';
import { asList, asObject, asText } from '../transport/index.js';
import type { WireToolCall } from './wire.js';

interface OpenCall {
  readonly index: number | undefined;
  id: string | undefined;
  name: string | undefined;
  /** Arguments so far; those that came before the name are held back until it is known. */
  input: string;
  announced: boolean;
  extraContent: object | undefined;
}

/** Puts tool calls together from their pieces. */
export interface ToolCallAssembler {
  /** Take the `tool_calls` of a message or delta. */
  add(pieces: unknown, out: ModelEvent[]): void;
  /**
   * Close all calls, in the order in which they began.
   *
   * @throws ProviderError `INVALID_RESPONSE` for a call that never got a name.
   */
  end(out: ModelEvent[]): void;
  /** Whether there was any call. */
  any(): boolean;
}

/**
 * Servers differ in how they name a call's pieces: the index may be missing or the same for all calls, the id blank,
 * late or repeated, the name late, and the arguments empty, in one piece or already an object.
 *
 * @param answerId - Makes ids for calls that have none; a getter, because it arrives with the first chunk.
 */
export const createToolCallAssembler = (provider: string, answerId: () => string): ToolCallAssembler => {
  const calls: OpenCall[] = [];

  const find = (piece: WireToolCall): OpenCall | undefined => {
    const id = asText(piece.id);
    if (typeof piece.index === 'number') {
      const known = calls.findLast(({ index }) => index === piece.index);
      return known !== undefined && !beginsAnother(known, piece) ? known : undefined;
    }
    if (id !== undefined) return calls.find((call) => call.id === id);
    return asText(asObject<{ name?: unknown }>(piece.function).name) === undefined ? calls.at(-1) : undefined;
  };

  const announce = (call: OpenCall, out: ModelEvent[]): void => {
    if (call.announced || call.name === undefined) return;
    call.announced = true;
    call.id ??= `call_${answerId()}_${calls.indexOf(call)}`;
    out.push({ type: 'tool-input-start', id: call.id, toolName: call.name });
    if (call.input !== '') out.push({ type: 'tool-input-delta', id: call.id, delta: call.input });
  };

  const take = (piece: WireToolCall, out: ModelEvent[]): void => {
    let call = find(piece);
    if (call === undefined) {
      const index = typeof piece.index === 'number' ? piece.index : undefined;
      call = { index, id: undefined, name: undefined, input: '', announced: false, extraContent: undefined };
      calls.push(call);
    }
    const { name, arguments: given } = asObject<{ name?: unknown; arguments?: unknown }>(piece.function);
    if (!call.announced) call.id = asText(piece.id) ?? call.id;
    call.name ??= asText(name);
    if (typeof piece.extra_content === 'object' && piece.extra_content !== null)
      call.extraContent = piece.extra_content;
    announce(call, out);
    const delta = typeof given === 'object' && given !== null ? JSON.stringify(given) : asText(given);
    if (delta === undefined) return;
    call.input += delta;
    if (call.announced && call.id !== undefined) out.push({ type: 'tool-input-delta', id: call.id, delta });
    else announce(call, out);
  };

  return {
    add(pieces, out) {
      for (const piece of asList(pieces)) take(asObject<WireToolCall>(piece), out);
    },
    end(out) {
      for (const { id, name, input, extraContent } of calls) {
        if (id === undefined || name === undefined) {
          throw new ProviderError('INVALID_RESPONSE', `${provider} sent a tool call without a name.`, {
            provider,
          });
        }
        const providerMetadata: ProviderMetadata | undefined =
          extraContent === undefined ? undefined : { [provider]: { extraContent: extraContent as never } };
        out.push({ type: 'tool-input-end', id });
        out.push({
          type: 'tool-call',
          toolCallId: id,
          toolName: name,
          // A call without arguments may come with none at all.
          input: input.trim() === '' ? '{}' : input,
          ...(providerMetadata !== undefined && { providerMetadata }),
        });
      }
    },
    any: () => calls.length > 0,
  };
};

/** The same index again, but with another id and a name: Gemini's endpoint numbers all its calls 0. */
const beginsAnother = (known: OpenCall, piece: WireToolCall): boolean => {
  const id = asText(piece.id);
  const name = asText(asObject<{ name?: unknown }>(piece.function).name);
  return id !== undefined && name !== undefined && known.id !== undefined && known.id !== id;
};
