import { flattenBatches, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import { type ChatDialect, writeRequest } from '../openai-chat/index.js';
import { type ChunkReader, createChunkReader } from './chunk-reader.js';
import type { SdkRequests } from './sdk-client.js';
import type { Answer, Send } from './send.js';
import { readServerSentEvents } from './server-sent-events.js';
import { type FailureContext, refusedAnswer, transportFailure } from './vendor-failure.js';

/** Calls chat completions. The SDK's own iterator would cost many times what reading the events costs here. */
export const createChatTransport =
  (requests: SdkRequests, send: Send, dialect: ChatDialect): Provider['stream'] =>
  (request, context) =>
    flattenBatches(readAnswer(requests, send, dialect, request, context));

/** The events of an answer, those of one network read at a time. */
async function* readAnswer(
  requests: SdkRequests,
  send: Send,
  dialect: ChatDialect,
  request: ModelRequest,
  { signal, credential, delivery }: CallContext,
): AsyncGenerator<readonly ModelEvent[], void> {
  const { provider, quirks } = dialect;
  const { model } = request;
  const failure = { provider, model, signal, secret: credential?.apiKey };
  const incremental = delivery === 'incremental';
  let chunks: ChunkReader | undefined;
  try {
    const { body, warnings } = writeRequest(request, dialect, incremental);
    const { chat } = await requests(credential?.apiKey);
    const headers =
      request.headers === undefined ? chat.headers : { ...chat.headers, ...lowerCase(request.headers) };
    const answer = await send({ ...chat, headers, body: JSON.stringify(body), signal });
    if (answer.status < 200 || answer.status >= 300) throw await refusedAnswer(answer, failure);

    const tag = quirks.reasoningTag ?? 'think';
    const reasoningTag = tag === false ? undefined : tag;
    chunks = createChunkReader({ failure, header: answer.header, warnings, reasoningTag });
    const whole = !incremental || isOfType(answer, 'application/json');
    if (isOfType(answer, 'text/html')) throw pageOfHtml(failure);
    if (whole) chunks.add([await answer.text()]);
    else {
      for await (const payloads of readServerSentEvents(answer)) {
        chunks.add(payloads);
        yield chunks.take();
      }
      if (!chunks.begun) throw noAnswer(failure);
    }
    chunks.end(whole);
    yield chunks.take();
  } catch (error) {
    // What came before the failure is not lost.
    const rest = chunks?.take() ?? [];
    if (rest.length > 0) yield rest;
    throw transportFailure(error, failure, chunks?.begun === true);
  }
}

const noAnswer = ({ provider, model }: FailureContext): ProviderError =>
  new ProviderError('NETWORK', `${provider}:${model} closed the connection without an answer.`, {
    provider,
    model,
  });

const isOfType = (answer: Answer, type: string): boolean =>
  answer.header('content-type')?.toLowerCase().startsWith(type) === true;

const pageOfHtml = ({ provider, model }: FailureContext): ProviderError => {
  const message = `${provider} sent a page of HTML in place of an answer; check the base URL.`;
  return new ProviderError('INVALID_RESPONSE', message, { provider, model });
};

/** Headers are one whatever their case; a caller's must replace the SDK's. */
const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
