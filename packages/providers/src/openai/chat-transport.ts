import { flattenBatches, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import {
  asObject,
  type ChatDialect,
  createAnswerReader,
  createDeltaTemplate,
  toProviderError,
  type WireCompletion,
  writeRequest,
} from '../openai-chat/index.js';
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
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void> {
  const { provider, quirks } = dialect;
  const { model } = request;
  const { signal, credential } = context;
  const failure: FailureContext = { provider, model, signal, secret: credential?.apiKey };
  const incremental = context.delivery === 'incremental';
  let events: ModelEvent[] = [];
  let begun = false;
  try {
    const { body, warnings } = writeRequest(request, dialect, incremental);
    const { chat } = await requests(credential?.apiKey);
    const headers =
      request.headers === undefined ? chat.headers : { ...chat.headers, ...lowerCase(request.headers) };
    const answer = await send({ ...chat, headers, body: JSON.stringify(body), signal });
    if (answer.status < 200 || answer.status >= 300) throw await refusedAnswer(answer, failure);
    const tag = quirks.reasoningTag ?? 'think';
    const reader = createAnswerReader({ provider, model, reasoningTag: tag === false ? undefined : tag });

    const template = createDeltaTemplate();

    const take = (payload: string): void => {
      const text = template.match(payload);
      if (text !== undefined) return reader.addText(text, events);
      const completion = parse(payload, failure);
      if (completion.error !== undefined && completion.error !== null) {
        throw toProviderError({ ...failure, error: completion.error, header: answer.header });
      }
      if (!begun) events.push({ type: 'stream-start', warnings });
      begun = true;
      reader.add(completion, events);
      if (incremental) template.learn(payload, completion);
    };
    const handOut = (): readonly ModelEvent[] => {
      const batch = events;
      events = [];
      return batch;
    };

    if (!incremental || isOfType(answer, 'application/json')) {
      take(await answer.text());
      reader.end(events, true);
      yield handOut();
      return;
    }
    if (isOfType(answer, 'text/html')) throw pageOfHtml(failure);
    for await (const payloads of readServerSentEvents(answer.body)) {
      for (const payload of payloads) take(payload);
      yield handOut();
    }
    if (!begun) throw noAnswer(failure);
    reader.end(events, false);
    yield handOut();
  } catch (error) {
    // What came before the failure is not lost.
    if (events.length > 0) yield events;
    throw transportFailure(error, failure, begun);
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

const parse = (payload: string, { provider, model }: FailureContext): WireCompletion => {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null) return asObject<WireCompletion>(value);
  throw new ProviderError('INVALID_RESPONSE', `${provider}:${model} sent something that is not JSON.`, {
    provider,
    model,
  });
};
