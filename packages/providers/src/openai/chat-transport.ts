import { flattenBatches, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import type { OpenAI } from 'openai';
import {
  asObject,
  type ChatDialect,
  createAnswerReader,
  createDeltaTemplate,
  toProviderError,
  type WireCompletion,
  writeRequest,
} from '../openai-chat/index.js';
import type { SdkClients } from './sdk-client.js';
import { readServerSentEvents } from './server-sent-events.js';
import { type FailureContext, transportFailure } from './vendor-failure.js';

type Body = OpenAI.ChatCompletionCreateParams;

const emptyBody = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.close() });

/** Calls chat completions over the SDK and reads its raw response: the SDK's own iterator costs many times as much. */
export const createChatTransport =
  (clients: SdkClients, dialect: ChatDialect): Provider['stream'] =>
  (request, context) =>
    flattenBatches(readAnswer(clients, dialect, request, context));

/** The events of an answer, those of one network read at a time. */
async function* readAnswer(
  clients: SdkClients,
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
    const client = await clients(credential?.apiKey);
    const options = { signal, headers: { ...request.headers } };
    const response = await client.chat.completions.create(body as unknown as Body, options).asResponse();
    const tag = quirks.reasoningTag ?? 'think';
    const reader = createAnswerReader({ provider, model, reasoningTag: tag === false ? undefined : tag });

    const template = createDeltaTemplate();

    const take = (payload: string): void => {
      const text = template.match(payload);
      if (text !== undefined) return reader.addText(text, events);
      const completion = parse(payload, failure);
      if (completion.error !== undefined && completion.error !== null) {
        const header = (name: string): string | null => response.headers.get(name);
        throw toProviderError({ ...failure, error: completion.error, header });
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

    if (!incremental || isJson(response)) {
      take(await response.text());
      reader.end(events, true);
      yield handOut();
      return;
    }
    refusePage(response, failure);
    for await (const payloads of readServerSentEvents(response.body ?? emptyBody())) {
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

const isJson = (response: Response): boolean =>
  response.headers.get('content-type')?.toLowerCase().startsWith('application/json') === true;

const refusePage = (response: Response, { provider, model }: FailureContext): void => {
  if (response.headers.get('content-type')?.toLowerCase().startsWith('text/html') !== true) return;
  throw new ProviderError(
    'INVALID_RESPONSE',
    `${provider} sent a page of HTML in place of an answer; check the base URL.`,
    {
      provider,
      model,
    },
  );
};

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
