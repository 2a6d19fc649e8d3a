import { flattenBatches, type ModelEvent, type ModelRequest, ProviderError } from '@millrace/core/model';
import type { CallContext, Provider } from '@millrace/core/provider';
import { type Answer, lowerCaseNames, type Outgoing, type Send } from './send.js';
import { type FailureContext, refusedAnswer, transportFailure } from './vendor-failure.js';

/** Turns the payloads of one answer into events. */
export interface AnswerReader {
  /**
   * Take payloads, each one JSON text. Yields `stream-start` with the first that is understood.
   *
   * @throws ProviderError for an error among them, or `INVALID_RESPONSE`; the events before it are kept.
   */
  add(payloads: readonly string[]): void;
  /**
   * No more payloads: close what is open and finish.
   *
   * @param whole - The answer came as one body.
   * @throws ProviderError `INTERRUPTED` when the stream ended before the vendor said that it is complete.
   */
  end(whole: boolean): void;
  /** The events since the last time. */
  take(): readonly ModelEvent[];
  /** Whether anything was understood. */
  readonly begun: boolean;
}

/** A call that is ready to be sent. */
export interface PreparedCall {
  readonly outgoing: Omit<Outgoing, 'signal'>;
  /** Called once the vendor has accepted the request. */
  read(header: Answer['header'], failure: FailureContext & { readonly model: string }): AnswerReader;
}

/** How one vendor is called. */
export interface VendorStreamOptions {
  /** The provider's id. */
  readonly provider: string;
  readonly send: Send;
  /** Write the request. With a delivery of `whole` the answer comes as one JSON body. */
  prepare(request: ModelRequest, context: CallContext): Promise<PreparedCall>;
  /** Split a stream into its JSON texts, all those of one network read at a time. */
  payloads(answer: Answer): AsyncIterable<readonly string[]>;
  /** Say what a refusal means. Default: `refusedAnswer`. */
  refused?(answer: Answer, failure: FailureContext): Promise<ProviderError>;
}

/** Calls a vendor. An SDK's own iterator would cost many times what reading the events costs here. */
export const createVendorStream =
  (options: VendorStreamOptions): Provider['stream'] =>
  (request, context) =>
    flattenBatches(readAnswer(options, request, context));

/** The events of an answer, those of one network read at a time. */
async function* readAnswer(
  { provider, send, prepare, payloads, refused = refusedAnswer }: VendorStreamOptions,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<readonly ModelEvent[], void> {
  const { signal, credential, delivery } = context;
  const { model } = request;
  const failure = { provider, model, signal, secret: credential?.apiKey };
  const incremental = delivery === 'incremental';
  let reader: AnswerReader | undefined;
  try {
    const { outgoing, read } = await prepare(request, context);
    const headers =
      request.headers === undefined
        ? outgoing.headers
        : { ...outgoing.headers, ...lowerCaseNames(request.headers) };
    const answer = await send({ ...outgoing, headers, signal });
    if (answer.status < 200 || answer.status >= 300) throw await refused(answer, failure);

    const type = answer.header('content-type')?.toLowerCase() ?? '';
    if (type.startsWith('text/html')) throw pageOfHtml(failure);
    reader = read(answer.header, failure);
    // A server that cannot stream may answer with one body all the same.
    const whole = !incremental || type.startsWith('application/json');
    if (whole) reader.add([await answer.text()]);
    else {
      for await (const texts of payloads(answer)) {
        reader.add(texts);
        yield reader.take();
      }
      if (!reader.begun) throw noAnswer(failure);
    }
    reader.end(whole);
    yield reader.take();
  } catch (error) {
    // What came before the failure is not lost.
    const rest = reader?.take() ?? [];
    if (rest.length > 0) yield rest;
    throw transportFailure(error, failure, reader?.begun === true);
  }
}

const noAnswer = ({ provider, model }: FailureContext): ProviderError =>
  new ProviderError('NETWORK', `${provider}:${model} closed the connection without an answer.`, {
    provider,
    model,
  });

const pageOfHtml = ({ provider, model }: FailureContext): ProviderError => {
  const message = `${provider} sent a page of HTML in place of an answer; check the base URL.`;
  return new ProviderError('INVALID_RESPONSE', message, { provider, model });
};
