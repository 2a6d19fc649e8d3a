import { ProviderError } from '@millrace/core/model';
import type { ProviderContext } from '@millrace/core/provider';
import type { Answer, Outgoing, Send } from './exchange.js';
import { parseJson } from './untrusted.js';
import { type FailureContext, refusedAnswer, transportFailure } from './vendor-failure.js';

/** A request whose answer is one JSON text. */
interface JsonCall {
  /** The address and headers, as the SDK writes them. */
  readonly outgoing: Omit<Outgoing, 'signal'>;
  readonly model?: string | undefined;
}

/**
 * Sends a request and reads its one JSON answer.
 *
 * @throws ProviderError for a refusal, a failed connection, or `INVALID_RESPONSE` for something that is not JSON.
 */
export type JsonSender = (
  call: JsonCall | Promise<JsonCall>,
  context: ProviderContext,
) => Promise<{ readonly value: unknown; readonly header: Answer['header'] }>;

/** Requests that are not model calls: lists, counts, vectors, batches. */
export const createJsonSender =
  (
    provider: string,
    send: Send,
    refused: (answer: Answer, failure: FailureContext) => Promise<ProviderError> = refusedAnswer,
  ): JsonSender =>
  async (call, { credential, signal }) => {
    let failure: FailureContext = { provider, signal, secret: credential?.apiKey };
    try {
      const { outgoing, model } = await call;
      failure = { ...failure, model };
      const answer = await send({ ...outgoing, signal });
      if (answer.status < 200 || answer.status >= 300) throw await refused(answer, failure);
      const value = parseJson(await answer.text());
      if (value !== undefined) return { value, header: answer.header };
      const message = `${provider} answered with something that is not JSON; check the base URL.`;
      throw new ProviderError('INVALID_RESPONSE', message, { provider, model });
    } catch (error) {
      throw transportFailure(error, failure, false);
    }
  };
